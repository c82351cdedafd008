using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Persistence;

namespace MLOpsLearn.Messaging.Tests;

/// <summary>A module's database as small as it gets.</summary>
internal abstract class NotesContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<Note> Notes => Set<Note>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddMessaging();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.StoreMomentsAsTicks();
}

internal sealed class SqliteNotesContext(DbContextOptions<SqliteNotesContext> options) : NotesContext(options);

internal sealed class PostgresNotesContext(DbContextOptions<PostgresNotesContext> options) : NotesContext(options);

internal sealed class Note
{
    public long Id { get; set; }

    public required string Text { get; init; }
}
