using System.Linq.Expressions;
using MLOpsLearn.MLflow.Search;

namespace MLOpsLearn.Registry.Searching;

/// <summary>Puts conditions together as expressions that become SQL with parameters.</summary>
internal static class Predicates
{
    /// <summary><paramref name="test"/> of what <paramref name="field"/> gives.</summary>
    public static Expression<Func<T, bool>> Of<T, TField>(this Expression<Func<TField, bool>> test, Expression<Func<T, TField>> field) =>
        Expression.Lambda<Func<T, bool>>(new Replacement(test.Parameters[0], field.Body).Visit(test.Body), field.Parameters[0]);

    /// <summary>The condition that a whole filter states, from the conditions of its clauses.</summary>
    public static Expression<Func<T, bool>> Join<T>(FilterNode node, Func<FilterNode.Clause, Expression<Func<T, bool>>> clause) => node switch
    {
        FilterNode.All all => all.Nodes.Select(part => Join(part, clause)).Aggregate((left, right) => Both(left, right, Expression.AndAlso)),
        FilterNode.Any any => any.Nodes.Select(part => Join(part, clause)).Aggregate((left, right) => Both(left, right, Expression.OrElse)),
        _ => clause((FilterNode.Clause)node),
    };

    private static Expression<Func<T, bool>> Both<T>(
        Expression<Func<T, bool>> left, Expression<Func<T, bool>> right, Func<Expression, Expression, BinaryExpression> join) =>
        Expression.Lambda<Func<T, bool>>(join(left.Body, new Replacement(right.Parameters[0], left.Parameters[0]).Visit(right.Body)), left.Parameters[0]);

    private sealed class Replacement(ParameterExpression from, Expression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : base.VisitParameter(node);
    }
}
