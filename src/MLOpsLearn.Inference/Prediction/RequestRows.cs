using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Prediction;

/// <summary>A request that passed every check.</summary>
/// <param name="Id">Its prediction id.</param>
/// <param name="EventTimesMs">One for all rows, or one each; milliseconds since 1970-01-01 UTC.</param>
/// <param name="Table">Every input of the signature, in its order. Owned by the request's rows: nobody writes to it again.</param>
internal sealed record RequestRows(string Id, long[] EventTimesMs, ColumnTable Table);
