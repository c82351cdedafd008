using System.Runtime.CompilerServices;

namespace MLOpsLearn.Limits;

/// <summary>
/// xunit's attribute with a limit of time, so that no test runs for ever. Directory.Build.targets puts it in the place of xunit's own.
/// </summary>
internal sealed class FactAttribute : Xunit.FactAttribute
{
    public FactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Minutes = Patience.TestMinutes;

    /// <summary>For a test that may need longer on a slow machine.</summary>
    public int Minutes { get => Timeout / 60_000; set => Timeout = value * 60_000; }
}

/// <inheritdoc cref="FactAttribute"/>
internal sealed class TheoryAttribute : Xunit.TheoryAttribute
{
    public TheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Minutes = Patience.TestMinutes;

    /// <inheritdoc cref="FactAttribute.Minutes"/>
    public int Minutes { get => Timeout / 60_000; set => Timeout = value * 60_000; }
}
