using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace MLOpsLearn.Tracking.Data;

/// <summary>
/// Writes many rows with one statement and says what happens to those that are there already, which the context's own inserts can't.
/// </summary>
internal static class ManyRows
{
    /// <param name="context">The database, with its transaction if it has one.</param>
    /// <param name="into">Table and columns.</param>
    /// <param name="onConflict">What follows ON CONFLICT.</param>
    /// <param name="rows">
    /// Values in the order of the columns; in order of the key, so that two writers never wait for each other crosswise.
    /// </param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public static async Task InsertAsync(
        DbContext context, string into, string onConflict, IReadOnlyCollection<object[]> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var statement = new StringBuilder("INSERT INTO ").Append(into).Append(" VALUES ");
        var place = 0;
        foreach (var row in rows)
        {
            statement.Append(place == 0 ? "(" : ",(");
            for (var column = 0; column < row.Length; column++)
            {
                statement.Append(CultureInfo.InvariantCulture, $"{(column == 0 ? "" : ",")}{{{place++}}}");
            }

            statement.Append(')');
        }

        statement.Append(" ON CONFLICT ").Append(onConflict);
        await context.Database.ExecuteSqlRawAsync(statement.ToString(), rows.SelectMany(row => row), cancellationToken);
    }
}
