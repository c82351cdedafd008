using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>Makes one signed call. Redirects are not followed, proxies not used: both would lead past the check of the address.</summary>
internal sealed class WebhookSender : IDisposable
{
    private const int MostBodyBytes = 64 * 1024;

    private readonly HttpClient _http;
    private readonly IOptions<WebhookOptions> _options;
    private readonly WebhookSecrets _secrets;
    private readonly TimeProvider _time;

    public WebhookSender(WebhookHosts hosts, WebhookSecrets secrets, IOptions<WebhookOptions> options, TimeProvider time)
    {
        (_secrets, _options, _time) = (secrets, options, time);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // A connection that is kept for long would outlive what was checked of its host.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = hosts.ConnectAsync,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<WebhookAnswer> SendAsync(Webhook webhook, string deliveryId, string body, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.Value.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var seconds = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            request.Headers.Add("X-MLflow-Delivery-Id", deliveryId);
            request.Headers.Add("X-MLflow-Timestamp", seconds);
            if (_secrets.Reveal(webhook) is { Length: > 0 } secret)
            {
                request.Headers.Add("X-MLflow-Signature", Sign(secret, deliveryId, seconds, body));
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var text = await ReadAsync(response.Content, either.Token);
            return new WebhookAnswer((int)response.StatusCode, text, null, response.Headers.RetryAfter?.Delta);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return WebhookAnswer.Fault($"No answer within {_options.Value.Timeout.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException exception)
        {
            return WebhookAnswer.Fault(exception.InnerException is HostRefusedException refused ? refused.Message : $"The call failed: {exception.HttpRequestError}.");
        }
        catch (SecretLostException exception)
        {
            return WebhookAnswer.Fault(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or HostRefusedException)
        {
            return WebhookAnswer.Fault($"The call failed: {exception.Message}");
        }
    }

    /// <summary>Version 1 of the signature: "v1," and the base64 of HMAC-SHA256 over "id.seconds.body".</summary>
    public static string Sign(string secret, string deliveryId, string seconds, string body) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{deliveryId}.{seconds}.{body}")));

    public void Dispose() => _http.Dispose();

    // Whatever the other side sends, little of it is kept.
    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[MostBodyBytes];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}

/// <summary>What came of a call.</summary>
/// <param name="Status">Null when no answer came.</param>
/// <param name="Body">The beginning of the answer's text.</param>
/// <param name="Error">Why no answer came.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone.</param>
internal sealed record WebhookAnswer(int? Status, string Body, string? Error, TimeSpan? RetryAfter)
{
    public bool IsDelivered => Status is >= 200 and < 300;

    /// <summary>Whether another try may help: no answer, too many requests, or a fault of the receiver.</summary>
    public bool IsWorthRepeating => Status is null or 408 or 429 or >= 500;

    public static WebhookAnswer Fault(string error) => new(null, "", error, null);
}
