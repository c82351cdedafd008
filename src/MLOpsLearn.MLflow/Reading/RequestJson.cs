using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Reading;

/// <summary>Turns what came over HTTP into one JSON object, with the original's leniency.</summary>
internal static class RequestJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>The object of the request and whether it came in the query; dispose of it when the request is done.</summary>
    /// <exception cref="MLflowException">The content type is not JSON.</exception>
    public static async ValueTask<(JsonDocument Document, bool FromQuery)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (HttpMethods.IsGet(request.Method))
        {
            // Old clients send a body with GET.
            return request.Query.Count > 0 ? (FromQuery(request.Query), true) : (await ReadBodyAsync(request.BodyReader, cancellationToken), false);
        }

        if (HttpMethods.IsDelete(request.Method) && request.ContentType is null && request.ContentLength is null or 0)
        {
            // Clients send nothing where the path says all.
            return (Empty(), false);
        }

        if (!IsJson(request.ContentType))
        {
            throw MLflowException.Invalid("Bad Request. Content-Type must be one of ['application/json'].");
        }

        return (await ReadBodyAsync(request.BodyReader, cancellationToken), false);
    }

    internal static JsonDocument Parse(ReadOnlySequence<byte> body)
    {
        var document = TryParse(body);
        if (document?.RootElement.ValueKind == JsonValueKind.String)
        {
            // Very old clients encode twice.
            using (document)
            {
                return TryParse(new ReadOnlySequence<byte>(TextOf(document.RootElement))) is { RootElement.ValueKind: JsonValueKind.Object } inner ? inner : Empty();
            }
        }

        if (document?.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document?.Dispose();
        return Empty();
    }

    private static async ValueTask<JsonDocument> ReadBodyAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                // The document keeps a copy of its own.
                var document = Parse(result.Buffer);
                reader.AdvanceTo(result.Buffer.End);
                return document;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static bool IsJson(string? contentType)
    {
        var end = contentType?.IndexOf(';') ?? -1;
        var kind = end < 0 ? contentType : contentType![..end];
        return string.Equals(kind?.Trim(), "application/json", StringComparison.OrdinalIgnoreCase);
    }

    private static byte[] TextOf(JsonElement element)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetBytes(element.GetString()!);
        }
        catch (InvalidOperationException)
        {
            return [];
        }
    }

    private static JsonDocument Empty() => JsonDocument.Parse("{}");

    private static JsonDocument? TryParse(ReadOnlySequence<byte> body)
    {
        try
        {
            // Parsed from an array of its own: the bytes of the pipe are given back before the request is done.
            return JsonDocument.Parse(body.ToArray(), Options);
        }
        catch (JsonException)
        {
            var quoted = BareNumbers.Quote(body.ToArray());
            try
            {
                return quoted is null ? null : JsonDocument.Parse(quoted, Options);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    private static JsonDocument FromQuery(IQueryCollection query)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (key, values) in query)
            {
                writer.WritePropertyName(key);
                if (values.Count == 1)
                {
                    writer.WriteStringValue(values[0]);
                    continue;
                }

                writer.WriteStartArray();
                foreach (var value in values)
                {
                    writer.WriteStringValue(value);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.WrittenMemory);
    }
}
