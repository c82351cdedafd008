namespace MLOpsLearn.Contracts.Errors;

/// <summary>One broken rule of a request.</summary>
/// <param name="Field">Path of the field as the contract names it.</param>
/// <param name="Value">What came, shortened and free of control characters.</param>
/// <param name="Rule">What would have been right.</param>
public sealed record FieldFault(string Field, string Value, string Rule);
