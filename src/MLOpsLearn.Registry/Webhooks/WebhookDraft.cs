namespace MLOpsLearn.Registry.Webhooks;

/// <summary>What is asked for of a webhook; null leaves as it is what there is, and is wrong for what a new one needs.</summary>
internal sealed record WebhookDraft
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? Url { get; init; }

    /// <summary>For example "MODEL_VERSION.CREATED".</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Empty takes the secret away.</summary>
    public string? Secret { get; init; }

    public bool? IsActive { get; init; }
}
