using Microsoft.AspNetCore.Http.Features;
using MLOpsLearn.Contracts;
using MLOpsLearn.Gateway.Host.Replicas;
using Yarp.ReverseProxy.Forwarder;

namespace MLOpsLearn.Gateway.Host;

/// <summary>
/// Asks a predict call again when the connection to the inference service breaks: another replica answers it, or the same one when it is back.
/// All tries carry one prediction id, so that the rows count once. Bodies above 4 MiB, and every other call, go through as they come;
/// so does an answer from its first byte above 16 MiB on. Replicas that take no connection at all are no matter of this: see <see cref="NextReplica"/>.
/// </summary>
internal sealed partial class PredictRepetition(RequestDelegate next, TimeProvider time, ILogger<PredictRepetition> logger)
{
    /// <summary>Largest body that is kept for a repetition, in bytes.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    /// <summary>Largest answer that is kept back until it is whole, in bytes.</summary>
    public const int MostAnswerBytes = 16 * 1024 * 1024;

    /// <summary>
    /// What is waited before each repetition. A process that is killed resets its connections before it stops to listen, so that a new connection
    /// to an address that is shared by replicas may be taken by it still and break, too: the later ones leave it the time to be gone. They are
    /// few, for a call may be what kills whoever answers it.
    /// </summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500)];

    private const string GrpcPath = "/mlopslearn.inference.v1.Inference/Predict";
    private const string JsonPath = "/api/inference/v1/endpoints";
    private const string JsonVerb = ":predict";

    public async Task InvokeAsync(HttpContext context)
    {
        if (!IsPredict(context.Request))
        {
            await next(context);
            return;
        }

        // For a client that gives no id of its own; one that does keeps it, in the body.
        context.Request.Headers[PredictionIds.Header] = Guid.CreateVersion7().ToString();
        if (context.Request.ContentLength > MostBytes)
        {
            await next(context);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var kept = new KeptBody(MostBytes, context.Request.ContentLength);
        // The limit can't be set once reading has begun, and the proxy would complain of that with every call.
        context.Features.Set<IHttpMaxRequestBodySizeFeature>(new NoLimit());
        if (!await kept.ReadAsync(context.Request.Body, context.RequestAborted))
        {
            context.Request.Body = kept.OpenWith(context.Request.Body);
            await next(context);
            return;
        }

        await AnswerAsync(context, kept);
    }

    /// <summary>The answer is kept back until it is whole: one that breaks off in the middle can then be asked for again, too.</summary>
    private async Task AnswerAsync(HttpContext context, KeptBody request)
    {
        var original = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await using var answer = new KeptAnswer(original.Stream, MostAnswerBytes);
        var kept = new StreamResponseBodyFeature(answer);
        context.Features.Set<IHttpResponseBodyFeature>(kept);
        try
        {
            context.Request.Body = request.Open();
            await next(context);
            for (var repetition = 0; repetition < Pauses.Length && !answer.IsPassedOn && IsBroken(context); repetition++)
            {
                Log.Repeated(logger, context.Request.Path, repetition + 1, Pauses.Length, context.GetForwarderErrorFeature()!.Error);
                await Task.Delay(Pauses[repetition], time, context.RequestAborted);
                NextReplica.AskAnother(context);
                answer.Forget();
                context.Request.Body = request.Open();
                await next(context);
            }

            await kept.CompleteAsync();
        }
        finally
        {
            context.Features.Set(original);
        }

        await answer.PassOnAsync(context.RequestAborted);
    }

    private static bool IsPredict(HttpRequest request) => HttpMethods.IsPost(request.Method)
        && (request.Path.Equals(GrpcPath, StringComparison.Ordinal)
            || (request.Path.StartsWithSegments(JsonPath, StringComparison.Ordinal) && request.Path.Value!.EndsWith(JsonVerb, StringComparison.Ordinal)));

    /// <summary>The client can't be at fault for a body that lies here: copying that broke off in the middle is laid at its door, too.</summary>
    private static bool IsBroken(HttpContext context) => !context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted
        && (NextReplica.WasNotReached(context) || context.GetForwarderErrorFeature() is
        {
            Error: ForwarderError.Request or ForwarderError.RequestBodyDestination or ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyDestination
        });

    private sealed class NoLimit : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Information, "{Path} is asked again, {Repetition} of {Most}: its connection broke ({Error}).")]
        public static partial void Repeated(ILogger logger, PathString path, int repetition, int most, ForwarderError error);
    }
}
