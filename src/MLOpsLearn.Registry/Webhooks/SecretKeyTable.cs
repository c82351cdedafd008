using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>A key that encrypts secrets, as the data protection of ASP.NET Core writes it.</summary>
internal sealed class SecretKey
{
    public required string Name { get; init; }

    public required string Xml { get; init; }
}

internal sealed class SecretKeyConfiguration : IEntityTypeConfiguration<SecretKey>
{
    public void Configure(EntityTypeBuilder<SecretKey> builder)
    {
        builder.ToTable("secret_keys");
        builder.HasKey(key => key.Name);
        builder.Property(key => key.Name).HasMaxLength(200);
    }
}

/// <summary>Keeps those keys in the module's database. Read at the first use and once a day; written once in some months.</summary>
internal sealed class SecretKeyTable(IServiceScopeFactory scopes) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var scope = scopes.CreateScope();
        return [.. scope.ServiceProvider.GetRequiredService<RegistryDbContext>().Set<SecretKey>().AsNoTracking().Select(key => key.Xml).AsEnumerable().Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var scope = scopes.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<RegistryDbContext>();
        context.Add(new SecretKey { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        context.SaveChanges();
    }
}
