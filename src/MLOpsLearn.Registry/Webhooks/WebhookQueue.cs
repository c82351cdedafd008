using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>Puts deliveries beside the change that they tell of: they leave after it is committed, and only then.</summary>
internal sealed class WebhookQueue(RegistryDbContext context, TimeProvider time)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds a delivery for each active webhook that asked for the event, within the caller's transaction.</summary>
    public async Task AddAsync(RegistryNews news, CancellationToken cancellationToken)
    {
        var active = await context.Webhooks.AsNoTracking()
            .Where(webhook => webhook.Workspace == Workspaces.Default && webhook.IsActive).ToListAsync(cancellationToken);
        foreach (var webhook in active.Where(webhook => webhook.EventNames.Contains(news.Name)))
        {
            var now = time.GetUtcNow();
            context.WebhookDeliveries.Add(new WebhookDelivery
            {
                Id = Guid.CreateVersion7(now).ToString(),
                Workspace = webhook.Workspace,
                WebhookId = webhook.Id,
                Event = news.Name,
                Body = BodyOf(news, now),
                CreatedAt = now,
                State = DeliveryState.Pending,
                NextAttemptAt = now,
            });
        }
    }

    public static string BodyOf(RegistryNews news, DateTimeOffset now) => new JsonObject
    {
        ["entity"] = news.Entity,
        ["action"] = news.Action,
        ["timestamp"] = now.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", System.Globalization.CultureInfo.InvariantCulture),
        ["data"] = news.Data.DeepClone(),
    }.ToJsonString(Plain);
}
