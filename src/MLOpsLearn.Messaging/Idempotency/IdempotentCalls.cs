using System.Data.Common;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.Messaging.Idempotency;

/// <summary>Runs a create call at most once for each request id.</summary>
public static class IdempotentCalls
{
    private const string UniqueViolation = "23505";
    private const string SerializationFailure = "40001";
    private const string Deadlock = "40P01";

    /// <summary>
    /// Runs <paramref name="create"/> and commits its changes together with the answer. The same id and request within 24 hours gives the
    /// first answer again. <paramref name="create"/> may save as often as it likes: all of it is one transaction. An empty
    /// <paramref name="requestId"/> only gives the transaction.
    /// </summary>
    /// <exception cref="Grpc.Core.RpcException">
    /// ALREADY_EXISTS when the id came before with another request; UNAVAILABLE when another call changed the same rows at this moment: nothing of
    /// this one was kept, and our clients repeat it.
    /// </exception>
    public static async Task<TReply> RunOnceAsync<TReply>(
        this DbContext context,
        string requestId,
        IMessage request,
        TimeProvider time,
        Func<CancellationToken, Task<TReply>> create,
        CancellationToken cancellationToken)
        where TReply : class, IMessage<TReply>, new()
    {
        try
        {
            return await RunAsync(context, requestId, request, time, create, cancellationToken);
        }
        catch (Exception exception) when (IsConflict(exception))
        {
            throw Conflict();
        }
    }

    /// <summary>UNAVAILABLE: another call changed the same, so that this one has to come again.</summary>
    public static Grpc.Core.RpcException Conflict() =>
        RpcErrors.Unavailable("CONFLICT", "Another call changed the same at this moment; nothing of this one was kept. Repeat it.");

    /// <summary>Whether another writer was at the same rows: nothing was kept, and a repetition may succeed.</summary>
    public static bool IsConflict(Exception exception) =>
        exception is DbUpdateConcurrencyException || (exception.InnerException ?? exception) is DbException { SqlState: UniqueViolation or SerializationFailure or Deadlock };

    private static async Task<TReply> RunAsync<TReply>(
        DbContext context,
        string requestId,
        IMessage request,
        TimeProvider time,
        Func<CancellationToken, Task<TReply>> create,
        CancellationToken cancellationToken)
        where TReply : class, IMessage<TReply>, new()
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (requestId.Length == 0)
        {
            var answer = await create(cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return answer;
        }

        var id = Guid.Parse(requestId);
        var method = IdempotentReply.MethodOf(request);
        // Postgres would let two first calls pass this point together; the unique key then fails the second, and its caller's retry finds the answer.
        var known = await context.Set<IdempotentReply>().AsNoTracking()
            .FirstOrDefaultAsync(reply => reply.Method == method && reply.RequestId == id, cancellationToken);
        if (known is not null && known.ExpiresAt >= time.GetUtcNow())
        {
            return known.AnswerAgain<TReply>(request);
        }

        if (known is not null)
        {
            await context.Set<IdempotentReply>().Where(reply => reply.Method == method && reply.RequestId == id).ExecuteDeleteAsync(cancellationToken);
        }

        var result = await create(cancellationToken);
        context.Add(IdempotentReply.To(id, request, result, time.GetUtcNow()));
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }
}
