using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Freezes;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>
/// Decides whether a version takes an alias. It believes no number but those that it computes itself from the rows, stores each check with its
/// numbers, and moves the alias in the transaction that stores the evaluation.
/// </summary>
internal sealed class PromotionGate(
    RegistryDbContext context,
    VersionCatalog versions,
    AliasBook aliases,
    PolicyBook policies,
    FreezeBook freezes,
    SourceRuns runs,
    ScoredRowsFile file,
    TimeProvider time)
{
    private const int MaxFindings = 1000;

    public async Task<Evaluation> EvaluateAsync(EvaluateModelVersionRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var activity = RegistryTelemetry.Activities.StartActivity("evaluate model version");
        Check(request);
        var challenger = await versions.FindAsync(request.Model, request.Version, cancellationToken);
        await PolicyAsync(request.Model, cancellationToken);
        // All that is slow comes before the transaction: other services, and the arithmetic over the rows.
        var (rows, fault) = await file.FetchAsync(challenger.RunId, request.ScoredRowsPath, cancellationToken);
        var modelFile = await runs.FindFileAsync(challenger.RunId, $"{challenger.ArtifactPath}/{challenger.ModelFile}", cancellationToken);
        var evidence = new Evidence(rows, rows is null ? null : GateNumbers.Compute(rows), fault, modelFile?.Sha256);
        var evaluation = await context.RunOnceAsync(
            request.RequestId, request, time, token => DecideAsync(request, challenger, evidence, token), cancellationToken);
        RegistryTelemetry.Evaluated(evaluation, time.GetElapsedTime(started));
        return evaluation;
    }

    private static void Check(EvaluateModelVersionRequest request)
    {
        var findings = request.DataQuality?.Findings ?? [];
        var checks = new FieldChecks().RequestId(request.RequestId).ArtifactPath("scored_rows_path", request.ScoredRowsPath)
            .Require(findings.Count <= MaxFindings, "data_quality.findings", findings.Count, $"must have at most {MaxFindings} entries");
        foreach (var finding in findings.Take(MaxFindings))
        {
            checks.Text("data_quality.findings", finding, 2000, required: false);
        }

        checks.ThrowIfAny();
    }

    private async Task<StoredPolicy> PolicyAsync(string model, CancellationToken cancellationToken) =>
        await policies.NewestAsync(model, cancellationToken)
        ?? throw RpcErrors.FailedPrecondition("POLICY_MISSING", model, $"Model '{model}' has no promotion policy: put one first.");

    /// <summary>Policy, holder and freeze are read in the transaction that acts on them.</summary>
    private async Task<Evaluation> DecideAsync(
        EvaluateModelVersionRequest request, RegisteredVersion challenger, Evidence evidence, CancellationToken cancellationToken)
    {
        var policy = await PolicyAsync(request.Model, cancellationToken);
        var holder = await aliases.FindAsync(request.Model, policy.Alias, cancellationToken);
        var champion = holder is null ? null : await versions.FindAsync(request.Model, holder.Version, cancellationToken);
        var checks = new List<GateCheck>();
        if (evidence is { Rows: { } rows, Numbers: { } numbers })
        {
            checks.Add(GateChecks.Rows(numbers, policy));
            checks.Add(GateChecks.Champion(rows.ChampionVersion, holder?.Version ?? 0, request.Version));
            checks.Add(GateChecks.Metric(numbers, policy, rows.ChampionVersion));
            checks.Add(GateChecks.Significance(numbers, policy));
        }
        else
        {
            checks.Add(new GateCheck { Name = "scored-rows", Explanation = evidence.Fault });
        }

        checks.Add(GateChecks.Digest(challenger.ModelSha256, challenger.ModelSizeBytes, evidence.PresentSha256));
        checks.Add(GateChecks.Signature(champion?.Signature, challenger.Signature));
        checks.Add(GateChecks.DataQuality(request.DataQuality, policy));
        var passed = checks.TrueForAll(check => check.Passed);
        var summary = string.Join("; ", checks.Where(check => check.Passed == passed && (!passed || check.Name == "metric")).Select(check => check.Explanation));
        var verdict = passed ? Verdict.Promoted : Verdict.Refused;
        if (passed && request.Automatic && await freezes.InForceAsync(request.Model, cancellationToken) is { } freeze)
        {
            verdict = Verdict.HeldBack;
            freezes.Record(freeze, "promote", request.Model, $"would have given {policy.Alias} to version {request.Version}: {summary}");
            summary = $"held back by a freeze ({freeze.Why}); would have been promoted: {summary}";
        }

        var evaluation = new Evaluation
        {
            EvaluationId = Guid.CreateVersion7().ToString(),
            Model = request.Model,
            ChallengerVersion = request.Version,
            ChampionVersion = holder?.Version ?? 0,
            Alias = policy.Alias,
            Verdict = verdict,
            Reason = summary,
            Checks = { checks },
            Policy = policy.ToProto(),
            CreateTime = time.GetUtcNow().ToTimestamp(),
            ScoredRowsSha256 = evidence.Rows?.Sha256 ?? "",
            Workspace = challenger.Workspace,
        };
        if (verdict == Verdict.Promoted)
        {
            await aliases.MoveAsync(request.Model, policy.Alias, request.Version, summary, evaluation.EvaluationId, cancellationToken);
        }

        context.Evaluations.Add(new StoredEvaluation
        {
            Id = evaluation.EvaluationId,
            Workspace = evaluation.Workspace,
            Model = evaluation.Model,
            Version = evaluation.ChallengerVersion,
            Verdict = verdict,
            CreatedAt = time.GetUtcNow(),
            Body = evaluation.ToByteArray(),
        });
        return evaluation;
    }

    /// <summary>What was gathered before the decision.</summary>
    private sealed record Evidence(ScoredRows? Rows, GateNumbers? Numbers, string? Fault, string? PresentSha256);
}
