using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary><c>webhooks</c>; the deliveries of a webhook are an addition of ours.</summary>
internal static class WebhookRoutes
{
    private const string Path = "2.0/mlflow/webhooks";
    private const string MayRead = "registry.webhooks.read";
    private const string MayWrite = "registry.webhooks.write";
    private const int DefaultResults = 100;
    private const int MostResults = 1000;

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        routes.MapMLflow("POST", Path, MayWrite, CreateAsync);
        routes.MapMLflow("GET", Path, MayRead, ListAsync);
        routes.MapMLflow("GET", Path + "/{id}", MayRead, GetAsync);
        routes.MapMLflow("PATCH", Path + "/{id}", MayWrite, UpdateAsync);
        routes.MapMLflow("DELETE", Path + "/{id}", MayWrite, DeleteAsync);
        routes.MapMLflow("POST", Path + "/{id}/test", MayWrite, TestAsync);
        routes.MapMLflow("GET", Path + "/{id}/deliveries", MayRead, ListDeliveriesAsync);
        routes.MapMLflow("POST", Path + "/{id}/deliveries/{delivery}/retry", MayWrite, RetryAsync);
    }

    private static async Task CreateAsync(MLflowCall call)
    {
        call.Fields.RequiredString("name");
        call.Fields.RequiredString("url");
        Answer(call, await call.Service<WebhookBook>().CreateAsync(Draft(call), call.Cancelled));
    }

    private static async Task ListAsync(MLflowCall call)
    {
        var size = PageSize(call.Fields);
        var offset = OffsetToken.Decode(call.Fields.String("page_token"));
        var page = await call.Service<WebhookBook>().ListAsync(offset, size + 1, call.Cancelled);
        if (page.Count > 0)
        {
            call.Answer.WriteStartArray("webhooks");
            foreach (var webhook in page.Take(size))
            {
                Write(call.Answer, webhook);
            }

            call.Answer.WriteEndArray();
        }

        if (page.Count > size)
        {
            call.Answer.WriteString("next_page_token", OffsetToken.Encode(offset + size));
        }
    }

    private static async Task GetAsync(MLflowCall call) => Answer(call, await SayAsync(call, call.Service<WebhookBook>().FindAsync(call.Part("id"), call.Cancelled)));

    private static async Task UpdateAsync(MLflowCall call) =>
        Answer(call, await SayAsync(call, call.Service<WebhookBook>().UpdateAsync(call.Part("id"), Draft(call), call.Cancelled)));

    private static Task DeleteAsync(MLflowCall call) => SayAsync(call, DeleteAsync(call.Service<WebhookBook>(), call));

    private static async Task<bool> DeleteAsync(WebhookBook book, MLflowCall call)
    {
        await book.DeleteAsync(call.Part("id"), call.Cancelled);
        return true;
    }

    private static async Task TestAsync(MLflowCall call)
    {
        var asked = call.Fields.Object("event") is { } given ? EventName(given) : null;
        var answer = await SayAsync(call, call.Service<WebhookBook>().TestAsync(call.Part("id"), asked, call.Cancelled));
        call.Answer.WriteStartObject("result");
        call.Answer.WriteBoolean("success", answer.IsDelivered);
        call.Answer.WriteOptional("response_status", answer.Status);
        call.Answer.WriteOptional("response_body", answer.Status is null ? null : answer.Body);
        call.Answer.WriteOptional("error_message", answer.Error);
        call.Answer.WriteEndObject();
    }

    private static async Task ListDeliveriesAsync(MLflowCall call)
    {
        var size = PageSize(call.Fields);
        var before = PageToken.DecodeText(call.Fields.String("page_token") ?? "") ?? "";
        var page = await SayAsync(call, call.Service<WebhookBook>().HistoryAsync(call.Part("id"), before, size + 1, call.Cancelled));
        if (page.Count > 0)
        {
            call.Answer.WriteStartArray("deliveries");
            foreach (var delivery in page.Take(size))
            {
                Write(call.Answer, delivery);
            }

            call.Answer.WriteEndArray();
        }

        if (page.Count > size)
        {
            call.Answer.WriteString("next_page_token", PageToken.Encode(page[size - 1].Id));
        }
    }

    private static async Task RetryAsync(MLflowCall call)
    {
        var delivery = await SayAsync(call, call.Service<WebhookBook>().RepeatAsync(call.Part("id"), call.Part("delivery"), call.Cancelled));
        call.Answer.WritePropertyName("delivery");
        Write(call.Answer, delivery);
    }

    private static async Task<T> SayAsync<T>(MLflowCall call, Task<T> task)
    {
        try
        {
            return await task;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound && RpcErrors.KindOf(exception) == "webhook")
        {
            throw MLflowException.NotFound($"Webhook with ID {call.Part("id")} not found.");
        }
    }

    private static int PageSize(MLflowFields fields)
    {
        var size = fields.Long("max_results") ?? DefaultResults;
        return size is >= 1 and <= MostResults
            ? (int)size
            : throw MLflowException.Invalid($"Invalid value for parameter 'max_results' supplied: It must be between 1 and {MostResults}, but got value {size}");
    }

    private static WebhookDraft Draft(MLflowCall call) => new()
    {
        Name = call.Fields.String("name"),
        Description = call.Fields.String("description"),
        Url = UrlOf(call),
        Events = call.Fields.Has("events") ? [.. call.Fields.Objects("events").Select(EventName)] : null,
        Secret = call.Fields.String("secret"),
        IsActive = call.Fields.Enum("status", ["ACTIVE", "DISABLED"]) is { } status ? status == "ACTIVE" : null,
    };

    // What the book would refuse too, in the original's words.
    private static string? UrlOf(MLflowCall call)
    {
        if (call.Fields.String("url") is not { } url)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(url))
        {
            throw MLflowException.Invalid("Webhook URL cannot be empty or just whitespace.");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            throw MLflowException.Invalid($"Invalid webhook URL {MLflowKeys.Quote(url.Length <= 200 ? url : url[..200])}: it must be an absolute address.");
        }

        string[] schemes = call.Service<IOptions<WebhookOptions>>().Value.AllowHttp ? ["https", "http"] : ["https"];
        return schemes.Contains(uri.Scheme) ? url : throw MLflowException.Invalid(
            $"Invalid webhook URL scheme: '{uri.Scheme}'. Allowed schemes are: {string.Join(", ", schemes)}.");
    }

    private static string EventName(MLflowFields given) => $"{given.RequiredString("entity")}.{given.RequiredString("action")}";

    private static void Answer(MLflowCall call, Webhook webhook)
    {
        call.Answer.WritePropertyName("webhook");
        Write(call.Answer, webhook);
    }

    private static void Write(Utf8JsonWriter json, Webhook webhook)
    {
        json.WriteStartObject();
        json.WriteString("webhook_id", webhook.Id);
        json.WriteString("name", webhook.Name);
        json.WriteOptional("description", webhook.Description);
        json.WriteString("url", webhook.Url);
        json.WriteStartArray("events");
        foreach (var name in webhook.EventNames)
        {
            var parts = name.Split('.');
            json.WriteStartObject();
            json.WriteString("entity", parts[0]);
            json.WriteString("action", parts[1]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("status", webhook.IsActive ? "ACTIVE" : "DISABLED");
        json.WriteNumber("creation_timestamp", webhook.CreatedAt.ToUnixTimeMilliseconds());
        json.WriteNumber("last_updated_timestamp", webhook.UpdatedAt.ToUnixTimeMilliseconds());
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, WebhookDelivery delivery)
    {
        json.WriteStartObject();
        json.WriteString("delivery_id", delivery.Id);
        json.WriteString("event", delivery.Event);
        json.WriteString("status", delivery.State.ToString().ToUpperInvariant());
        json.WriteNumber("attempts", delivery.Attempts);
        json.WriteOptional("response_status", delivery.ResponseStatus);
        json.WriteOptional("error_message", delivery.Error);
        json.WriteNumber("creation_timestamp", delivery.CreatedAt.ToUnixTimeMilliseconds());
        json.WriteOptional("finished_timestamp", delivery.FinishedAt?.ToUnixTimeMilliseconds());
        json.WriteOptional("next_attempt_timestamp", delivery.State == DeliveryState.Pending ? delivery.NextAttemptAt.ToUnixTimeMilliseconds() : null);
        json.WriteEndObject();
    }
}
