using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Messaging.Triggers;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training.Triggers;

/// <summary>What a triggered job trains on, from which window, and how many labelled rows that has; 0 rows when it is not a window.</summary>
internal sealed record TriggerInput(JobInput Input, DateTimeOffset? WindowEnd, long LabelledRows);

/// <summary>Finds what an outside trigger means to train on.</summary>
internal sealed class TriggerInputs(Monitoring.MonitoringClient monitoring, IOptions<TrainingOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The files or the window that the trigger names; null when it names none.</summary>
    /// <exception cref="BadTriggerException">It names what may not be used.</exception>
    public TriggerInput? Named(OutsideTrigger trigger)
    {
        JobInput? input = null;
        DateTimeOffset? end = null;
        if (trigger.Type == TriggerTypes.DataAvailable)
        {
            input = new JobInput { Files = new Files { Uris = { trigger.Text("uri") } } };
        }
        else if (trigger.Data.TryGetProperty("files", out var files))
        {
            input = new JobInput { Files = new Files { Uris = { files.EnumerateArray().Select(file => file.GetString()) } } };
        }
        else if (trigger.Data.TryGetProperty("window", out var window))
        {
            end = Moment(window, "end");
            input = new JobInput { Window = Window(window.GetProperty("endpoint").GetString()!, Moment(window, "start"), end.Value) };
        }

        if (input is null)
        {
            return null;
        }

        try
        {
            var checks = new FieldChecks();
            checks.Input(input, options.Value.DataRoots);
            checks.ThrowIfAny();
        }
        catch (RpcException refused)
        {
            throw new BadTriggerException(refused.Status.Detail);
        }

        return new TriggerInput(input, end, 0);
    }

    /// <summary>The newest labelled window of an endpoint that serves the model; null when monitoring knows none.</summary>
    public async Task<TriggerInput?> NewestWindowAsync(string model, RetrainSpecification settings, CancellationToken cancellationToken)
    {
        var subjects = await monitoring.ListSubjectsAsync(new ListSubjectsRequest { PageSize = 1000 }, deadline: Deadline, cancellationToken: cancellationToken);
        TriggerInput? newest = null;
        foreach (var subject in subjects.Subjects.Where(subject => subject.Model == model))
        {
            var windows = await monitoring.ListWindowsAsync(
                new ListWindowsRequest { Endpoint = subject.Endpoint, PageSize = 12 }, deadline: Deadline, cancellationToken: cancellationToken);
            if (windows.Windows.FirstOrDefault(window => window.LabelledRows > 0) is { } labelled
                && (newest is null || labelled.End.ToDateTimeOffset() > newest.WindowEnd))
            {
                var end = labelled.End.ToDateTimeOffset();
                newest = new TriggerInput(new JobInput { Window = Window(subject.Endpoint, end - settings.Window, end) }, end, labelled.LabelledRows);
            }
        }

        return newest;
    }

    /// <summary>The model that an endpoint serves; null when monitoring does not watch it.</summary>
    public async Task<string?> ModelAtAsync(string endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return (await monitoring.GetSubjectAsync(new GetSubjectRequest { Endpoint = endpoint }, deadline: Deadline, cancellationToken: cancellationToken)).Model;
        }
        catch (RpcException exception) when (exception.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument)
        {
            return null;
        }
    }

    private DateTime Deadline => time.GetUtcNow().UtcDateTime.Add(Patience);

    private WindowInput Window(string endpoint, DateTimeOffset start, DateTimeOffset end) => new()
    {
        Endpoint = endpoint,
        Start = Timestamp.FromDateTimeOffset(start),
        End = Timestamp.FromDateTimeOffset(end),
        AsOf = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
    };

    private static DateTimeOffset Moment(JsonElement window, string field) =>
        DateTimeOffset.TryParse(window.GetProperty(field).GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : throw new BadTriggerException($"window.{field}: '{window.GetProperty(field).GetString()}' must be an RFC 3339 timestamp.");
}
