using Polly.CircuitBreaker;

namespace MLOpsLearn.Messaging.Calls;

/// <summary>Says of a call that an open circuit kept back what gRPC makes UNAVAILABLE of: the service can't be reached.</summary>
internal sealed class BrokenCircuitHandler(string service) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (BrokenCircuitException exception)
        {
            throw new HttpRequestException($"{service} could not be reached many times in a row; it is asked again in a moment.", exception);
        }
    }
}
