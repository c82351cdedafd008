using MLOpsLearn.Contracts.Calls;

namespace MLOpsLearn.Messaging.Tests.Calls;

public sealed class CallRepetitionTests
{
    [Fact]
    public void Every_call_bears_repetition_but_those_that_are_listed_here()
    {
        var services = new[]
        {
            Contracts.Tracking.V1.Tracking.Descriptor, Contracts.Registry.V1.Registry.Descriptor, Contracts.Training.V1.Training.Descriptor,
            Contracts.Training.V1.TrainingWorker.Descriptor, Contracts.Inference.V1.Inference.Descriptor, Contracts.Monitoring.V1.Monitoring.Descriptor,
            Contracts.Monitoring.V1.Queues.Descriptor,
        };

        var once = services.SelectMany(service => service.Methods).Where(method => !CallRepetition.IsRepeatable(method)).Select(method => method.Name);

        // The second of two would be told that the job has ended, that the tag is gone, that no model has the old name, that nothing is
        // to be restored; would add outputs again, find other letters, send another test.
        Assert.Equal(
            [
                "CancelJob", "DeleteExperimentTag", "DeleteLoggedModelTag", "DeleteRunTag", "DeleteTraceTag", "LogOutputs", "RenameModel",
                "ResendDeadLetters", "RestoreExperiment", "TestWebhook",
            ],
            once.Order(StringComparer.Ordinal));
    }
}
