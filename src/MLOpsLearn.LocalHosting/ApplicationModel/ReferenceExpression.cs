using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with parameters, addresses and connection strings in it, resolved when it is known.</summary>
public sealed class ReferenceExpression
{
    private readonly IReadOnlyList<object> _parts;

    private ReferenceExpression(IReadOnlyList<object> parts) => _parts = parts;

    internal static ReferenceExpression Of(IReadOnlyList<object> parts) => new(parts);

    internal string Resolve(Func<object, string> resolve) => string.Concat(_parts.Select(resolve));

    /// <summary>What the compiler makes of <c>$"…{parameter}…"</c>.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler
    {
        private readonly List<object> _parts;

        /// <summary>Called by the compiler.</summary>
        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount) => _parts = new List<object>((2 * formattedCount) + Math.Min(literalLength, 1));

        /// <summary>Called by the compiler for text between the braces' values.</summary>
        public void AppendLiteral(string value) => _parts.Add(value);

        /// <summary>Called by the compiler for text.</summary>
        public void AppendFormatted(string? value) => _parts.Add(value ?? "");

        /// <summary>Called by the compiler for a parameter or a resource with a connection string.</summary>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider) where T : IResource => _parts.Add(valueProvider.Resource);

        /// <summary>Called by the compiler for the address of an endpoint.</summary>
        public void AppendFormatted(EndpointReference valueProvider) => _parts.Add(valueProvider);

        internal ReferenceExpression GetExpression() => Of(_parts);
    }
}
