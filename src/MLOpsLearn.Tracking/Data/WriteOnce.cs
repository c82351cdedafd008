using System.Data.Common;
using Google.Protobuf;
using MLOpsLearn.Messaging.Idempotency;

namespace MLOpsLearn.Tracking.Data;

/// <summary>Writes of create calls: at most once for each request id, and the answer is kept in the same transaction.</summary>
internal static class WriteOnce
{
    private const string Select =
        """SELECT "RequestHash", "Reply", "ExpiresAt" FROM idempotent_replies WHERE "Method" = @p0 AND "RequestId" = @p1""";

    private const string Delete = """DELETE FROM idempotent_replies WHERE "Method" = @p0 AND "RequestId" = @p1""";

    private const string Insert =
        """INSERT INTO idempotent_replies ("Method", "RequestId", "RequestHash", "Reply", "ExpiresAt") VALUES (@p0, @p1, @p2, @p3, @p4)""";

    /// <summary>The same id and request within 24 hours gives the first answer again. Without an id, it is a write like any other.</summary>
    /// <exception cref="Grpc.Core.RpcException">ALREADY_EXISTS when the id came before with another request; UNAVAILABLE when another server was at the same.</exception>
    public static async Task<TReply> RunOnceAsync<TReply>(
        this WriteQueue queue, string requestId, IMessage request, TimeProvider time, Func<SqlSession, ValueTask<TReply>> create, CancellationToken cancellationToken)
        where TReply : class, IMessage<TReply>, new()
    {
        try
        {
            return requestId.Length == 0
                ? await queue.RunAsync(create, cancellationToken)
                : await queue.RunAsync(session => RunAsync(session, Guid.Parse(requestId), request, time, create), cancellationToken);
        }
        catch (DbException exception) when (IdempotentCalls.IsConflict(exception))
        {
            throw IdempotentCalls.Conflict();
        }
    }

    private static async ValueTask<TReply> RunAsync<TReply>(
        SqlSession session, Guid id, IMessage request, TimeProvider time, Func<SqlSession, ValueTask<TReply>> create)
        where TReply : class, IMessage<TReply>, new()
    {
        var (method, now) = (IdempotentReply.MethodOf(request), time.GetUtcNow());
        var known = await session.FirstAsync(
            Select,
            row => new IdempotentReply
            {
                Method = method,
                RequestId = id,
                RequestHash = row.GetFieldValue<byte[]>(0),
                Reply = row.GetFieldValue<byte[]>(1),
                ExpiresAt = new DateTimeOffset(row.GetInt64(2), TimeSpan.Zero),
            },
            method, id);
        if (known is not null && known.ExpiresAt >= now)
        {
            return known.AnswerAgain<TReply>(request);
        }

        if (known is not null)
        {
            await session.ExecuteAsync(Delete, method, id);
        }

        var answer = await create(session);
        var kept = IdempotentReply.To(id, request, answer, now);
        await session.ExecuteAsync(Insert, kept.Method, kept.RequestId, kept.RequestHash, kept.Reply, kept.ExpiresAt.UtcTicks);
        return answer;
    }
}
