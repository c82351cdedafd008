using System.Linq.Expressions;

namespace MLOpsLearn.Registry.Searching;

/// <summary>Orders by one key after another.</summary>
internal static class Orderings
{
    /// <summary>Orders by a key, within the order that there is already.</summary>
    public static IQueryable<T> Then<T, TKey>(this IQueryable<T> rows, Expression<Func<T, TKey>> key, bool isAscending) =>
        rows.Expression.Type == typeof(IOrderedQueryable<T>) && rows is IOrderedQueryable<T> ordered
            ? isAscending ? ordered.ThenBy(key) : ordered.ThenByDescending(key)
            : isAscending ? rows.OrderBy(key) : rows.OrderByDescending(key);
}
