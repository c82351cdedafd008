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
    RegistryDbContext context, VersionCatalog versions, AliasBook aliases, PolicyBook policies, FreezeBook freezes, ScoredRowsReader reader, TimeProvider time)
{
    public async Task<Evaluation> EvaluateAsync(EvaluateModelVersionRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).Text("scored_rows_path", request.ScoredRowsPath, 1000).ThrowIfAny();
        var challenger = await versions.FindAsync(request.Model, request.Version, cancellationToken);
        var policy = await policies.NewestAsync(request.Model, cancellationToken)
            ?? throw RpcErrors.FailedPrecondition("POLICY_MISSING", request.Model, $"Model '{request.Model}' has no promotion policy: put one first.");
        var (rows, fault) = await reader.ReadAsync(challenger.RunId, request.ScoredRowsPath, cancellationToken);
        return await context.RunOnceAsync(
            request.RequestId, request, time, token => DecideAsync(request, challenger, policy, rows, fault, token), cancellationToken);
    }

    private async Task<Evaluation> DecideAsync(
        EvaluateModelVersionRequest request, RegisteredVersion challenger, StoredPolicy policy, ScoredRows? rows, string? fault, CancellationToken cancellationToken)
    {
        var holder = await aliases.FindAsync(request.Model, policy.Alias, cancellationToken);
        var champion = holder is null ? null : await versions.FindAsync(request.Model, holder.Version, cancellationToken);
        var checks = new List<GateCheck>();
        if (rows is null)
        {
            checks.Add(new GateCheck { Name = "scored-rows", Explanation = fault });
        }
        else
        {
            var numbers = GateNumbers.Compute(rows);
            checks.Add(GateChecks.Rows(numbers, policy));
            checks.Add(GateChecks.Champion(rows.ChampionVersion, holder?.Version ?? 0));
            checks.Add(GateChecks.Metric(numbers, policy, rows.ChampionVersion));
        }

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
            ScoredRowsSha256 = rows?.Sha256 ?? "",
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
}
