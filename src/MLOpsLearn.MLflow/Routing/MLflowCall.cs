using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MLOpsLearn.MLflow.Reading;

namespace MLOpsLearn.MLflow.Routing;

/// <summary>One request of an MLflow client: its fields, and the way to answer it.</summary>
public sealed class MLflowCall
{
    // Large answers go out in pieces, so that memory doesn't grow with them.
    private const int FlushAtBytes = 64 * 1024;

    /// <summary>Clients look for their words in the text as it is.</summary>
    internal static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Utf8JsonWriter? _writer;

    internal MLflowCall(HttpContext http, MLflowFields fields) => (Http, Fields) = (http, fields);

    /// <summary>The fields of the body, or of the query.</summary>
    public MLflowFields Fields { get; }

    /// <summary>For what is no field: the services, parts of the path, the body as it is.</summary>
    public HttpContext Http { get; }

    /// <summary>Ends when the client goes away.</summary>
    public CancellationToken Cancelled => Http.RequestAborted;

    /// <summary>
    /// The object that is answered; its own braces are written for you. Touch it only when nothing can fail any more: what is written
    /// here is on its way. A call that never touches it answers <c>{}</c>.
    /// </summary>
    public Utf8JsonWriter Answer => _writer ?? Begin();

    /// <summary>A part of the path by its name in the route.</summary>
    public string Part(string name) => (string)Http.Request.RouteValues[name]!;

    /// <summary>Sends what has been written when it is much.</summary>
    public Task FlushIfLargeAsync() => Answer.BytesPending >= FlushAtBytes ? Answer.FlushAsync(Cancelled) : Task.CompletedTask;

    internal async Task EndAsync()
    {
        Answer.WriteEndObject();
        if (!Http.Response.HasStarted && Answer.BytesCommitted == 0)
        {
            Http.Response.ContentLength = Answer.BytesPending;
        }

        await Answer.FlushAsync(Cancelled);
        await Answer.DisposeAsync();
    }

    private Utf8JsonWriter Begin()
    {
        Http.Response.ContentType = "application/json";
        _writer = new Utf8JsonWriter(Http.Response.BodyWriter, Options);
        _writer.WriteStartObject();
        return _writer;
    }
}
