using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.References;

namespace MLOpsLearn.Monitoring.Subjects;

/// <summary>Declares and finds what is watched.</summary>
internal sealed partial class SubjectBook(MonitoringDbContext context, ReferenceKeeper references, TimeProvider time)
{
    private const long DefaultLateness = 3600;

    public async Task<Subject> PutAsync(PutSubjectRequest request, CancellationToken cancellationToken)
    {
        var subject = (request.Subject ?? throw RpcErrors.Invalid("subject", "", "must be given")).Clone();
        subject.Endpoint = request.Endpoint;
        subject.Workspace = Workspaces.Default;
        subject.AllowedLatenessSeconds = subject.AllowedLatenessSeconds == 0 ? DefaultLateness : subject.AllowedLatenessSeconds;
        Check(subject);
        var stored = await context.RunOnceAsync(
            "",
            request,
            time,
            async token =>
            {
                var known = await context.Subjects.FirstOrDefaultAsync(other => other.Endpoint == subject.Endpoint, token);
                if (known is null)
                {
                    known = new WatchedSubject { Endpoint = subject.Endpoint, Workspace = subject.Workspace, CreatedAt = time.GetUtcNow(), Declaration = subject.ToByteArray() };
                    context.Subjects.Add(known);
                    return known.ToProto();
                }

                var before = known.ToProto();
                if (known.StoredRows > 0 && (!before.Columns.Equals(subject.Columns) || before.WindowPeriod != subject.WindowPeriod || before.WindowRows != subject.WindowRows))
                {
                    throw RpcErrors.FailedPrecondition(
                        "ROWS_STORED", subject.Endpoint, $"{known.StoredRows} rows of '{subject.Endpoint}' are stored: its columns and windows can't change. Watch it under another name.");
                }

                known.Declaration = subject.ToByteArray();
                return known.ToProto();
            },
            cancellationToken);
        // The endpoint may serve already: its reference is fetched now, not at the next change.
        references.LookSoon();
        return stored;
    }

    public async Task<Subject> GetAsync(string endpoint, CancellationToken cancellationToken) => (await FindAsync(endpoint, cancellationToken)).ToProto();

    public async Task<ListSubjectsResponse> ListAsync(ListSubjectsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var after = PageToken.DecodeText(request.PageToken) ?? "";
        var page = await context.Subjects.AsNoTracking().Where(subject => string.Compare(subject.Endpoint, after) > 0)
            .OrderBy(subject => subject.Endpoint).Take(size + 1).ToListAsync(cancellationToken);
        return new ListSubjectsResponse
        {
            Subjects = { page.Take(size).Select(subject => subject.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Endpoint) : "",
        };
    }

    public async Task<IngestStatus> GetStatusAsync(string endpoint, CancellationToken cancellationToken)
    {
        var subject = await FindAsync(endpoint, cancellationToken);
        return new IngestStatus
        {
            StoredRows = subject.StoredRows,
            StoredLabels = subject.StoredLabels,
            DuplicateRows = subject.DuplicateRows,
            ConflictingRows = subject.ConflictingRows,
            TooLateRows = subject.TooLateRows,
            LostRows = subject.LostRows,
            Watermark = subject.Watermark?.ToTimestamp(),
            EvaluatedUntil = subject.EvaluatedUntil?.ToTimestamp(),
        };
    }

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<WatchedSubject> FindAsync(string endpoint, CancellationToken cancellationToken)
    {
        CheckEndpoint(endpoint).ThrowIfAny();
        return await context.Subjects.AsNoTracking().FirstOrDefaultAsync(subject => subject.Endpoint == endpoint, cancellationToken)
            ?? throw RpcErrors.NotFound("watched endpoint", endpoint);
    }

    public static FieldChecks CheckEndpoint(string endpoint) =>
        new FieldChecks().Matches("endpoint", endpoint, EndpointName(), "must be lower-case letters, digits or '-', at most 63, beginning with a letter or digit");

    private static void Check(Subject subject)
    {
        var checks = CheckEndpoint(subject.Endpoint).Name("subject.model", subject.Model).Text("subject.output", subject.Output, 250)
            .Require(subject.Columns.Count is > 0 and <= 1000, "subject.columns", subject.Columns.Count, "must have 1 to 1,000 entries")
            .Require(subject.WindowPeriod is >= WindowPeriod.Month and <= WindowPeriod.Count, "subject.window_period", subject.WindowPeriod, "must be MONTH, WEEK, DAY, HOUR or COUNT")
            .Require(
                subject.WindowPeriod == WindowPeriod.Count ? subject.WindowRows is >= 30 and <= 10_000_000 : subject.WindowRows == 0,
                "subject.window_rows",
                subject.WindowRows,
                "must be 30 to 10,000,000 for COUNT, and absent otherwise")
            .Range("subject.allowed_lateness_seconds", subject.AllowedLatenessSeconds, 0, 30L * 86400)
            .Range("subject.label_wait_seconds", subject.LabelWaitSeconds, 0, 30L * 86400);
        var names = new HashSet<string>(StringComparer.Ordinal) { subject.Output, "event_time", "prediction_id", "label", "challenger", "champion" };
        for (var i = 0; i < subject.Columns.Count; i++)
        {
            checks.Text($"subject.columns[{i}].name", subject.Columns[i].Name, 250)
                .Require(names.Add(subject.Columns[i].Name), $"subject.columns[{i}].name", subject.Columns[i].Name, "must be unique, and neither the output nor a name of ours")
                .Require(subject.Columns[i].Kind is FeatureKind.Numeric or FeatureKind.Categorical, $"subject.columns[{i}].kind", subject.Columns[i].Kind, "must be NUMERIC or CATEGORICAL");
        }

        checks.ThrowIfAny();
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z")]
    private static partial Regex EndpointName();
}
