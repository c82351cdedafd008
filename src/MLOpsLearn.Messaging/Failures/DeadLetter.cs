namespace MLOpsLearn.Messaging.Failures;

/// <summary>How many messages a queue holds.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Source">The exchange that feeds it.</param>
/// <param name="Ready">Messages that wait for a consumer.</param>
/// <param name="Consumers">Who reads it now.</param>
/// <param name="Waiting">Messages that wait for a long retry.</param>
/// <param name="Dead">Dead letters.</param>
public sealed record QueueDepth(string Queue, string Source, long Ready, int Consumers, long Waiting, long Dead);

/// <summary>A message that could not be handled.</summary>
/// <param name="Id">Its message id.</param>
/// <param name="Reason">Why.</param>
/// <param name="Exception">Type of the exception, empty when unknown.</param>
/// <param name="FailedAt">When it failed last; null when unknown.</param>
/// <param name="Retries">Long retries that it had.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Body">At most the first 4,096 bytes.</param>
/// <param name="Bytes">Size of the whole body.</param>
public sealed record DeadLetter(string Id, string Reason, string Exception, DateTimeOffset? FailedAt, int Retries, string ContentType, ReadOnlyMemory<byte> Body, int Bytes);
