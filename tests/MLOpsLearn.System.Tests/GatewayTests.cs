using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MLOpsLearn.SystemTests;

/// <summary>The gateway in front of a service that hangs up in the middle of its first calls.</summary>
public sealed class GatewayTests
{
    private const int KeptBytes = 4 * 1024 * 1024;
    private const string Predict = "/api/inference/v1/endpoints/any:predict";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_predict_call_that_breaks_is_asked_again_under_the_same_id(int breaks)
    {
        await using var inference = new HangingUp(breaks);
        await using var gateway = await Gateway.StartAsync(inference.Port);

        using var answer = await gateway.PostAsync(Predict, new string('x', KeptBytes));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(breaks + 1, inference.Requests.Count);
        Assert.Single(inference.Requests.Distinct());
        Assert.Equal(KeptBytes, inference.Requests[0].BodyBytes);
        Assert.True(Guid.TryParse(inference.Requests[0].PredictionId, out _));
    }

    [Fact]
    public async Task A_reading_call_that_breaks_is_asked_again()
    {
        await using var inference = new HangingUp(breaks: 3);
        await using var gateway = await Gateway.StartAsync(inference.Port);

        using var answer = await gateway.GetAsync("/api/inference/v1/endpoints");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_predict_call_that_breaks_whoever_answers_it_is_given_up()
    {
        await using var inference = new HangingUp(breaks: 100);
        await using var gateway = await Gateway.StartAsync(inference.Port);

        using var answer = await gateway.PostAsync(Predict, "{}");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal(4, inference.Requests.Count);
    }

    [Theory]
    [InlineData(Predict, KeptBytes + 1)]
    [InlineData("/api/inference/v1/endpoints", 10)]
    public async Task A_body_that_is_too_large_to_keep_and_any_other_call_are_asked_once(string path, int bytes)
    {
        await using var inference = new HangingUp();
        await using var gateway = await Gateway.StartAsync(inference.Port);

        using var answer = await gateway.PostAsync(path, new string('x', bytes));

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal(bytes, Assert.Single(inference.Requests).BodyBytes);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_to_keep_comes_whole()
    {
        const int Bytes = 20 * 1024 * 1024;
        await using var inference = new HangingUp(answer: new string('y', Bytes));
        await using var gateway = await Gateway.StartAsync(inference.Port);

        using var answer = await gateway.PostAsync(Predict, "{}");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Bytes, (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Count(letter => letter == 'y'));
    }

    [Fact]
    public async Task A_service_that_never_answers_makes_the_gateway_unready_in_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var gateway = await Gateway.StartAsync(((IPEndPoint)silent.LocalEndpoint).Port);
        var started = Stopwatch.GetTimestamp();

        using var answer = await gateway.GetAsync("/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), $"{Stopwatch.GetElapsedTime(started)}");
    }

    private sealed record Request(string PredictionId, int BodyBytes);

    /// <summary>Reads a request and hangs up, so often; answers what comes then.</summary>
    private sealed class HangingUp : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;
        private readonly int _breaks;
        private readonly byte[] _answer;

        public HangingUp(int breaks = 1, string answer = "{}")
        {
            _breaks = breaks;
            _answer = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}");
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _serving = ServeAsync();
        }

        public int Port { get; }

        public List<Request> Requests { get; } = [];

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    Requests.Add(await ReadAsync(client.GetStream()));
                    if (Requests.Count > _breaks)
                    {
                        await client.GetStream().WriteAsync(_answer);
                    }
                    else
                    {
                        // As a process that is killed does.
                        client.LingerState = new LingerOption(enable: true, 0);
                    }
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
        }

        private static async Task<Request> ReadAsync(NetworkStream stream)
        {
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
            {
                head.Append((char)one[0]);
            }

            var headers = head.ToString().Split("\r\n").Skip(1).Select(line => line.Split(": ", 2)).Where(parts => parts.Length == 2)
                .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
            var body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), System.Globalization.CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body);
            return new Request(headers.GetValueOrDefault("mlops-prediction-id", ""), body.Length);
        }
    }

    /// <summary>The gateway's process; all other services are nowhere.</summary>
    private sealed class Gateway : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly HttpClient _http;

        private Gateway(Process process, HttpClient http) => (_process, _http) = (process, http);

        public static async Task<Gateway> StartAsync(int inferencePort)
        {
            var (http, grpc) = Mlops.FreePorts();
            var start = new ProcessStartInfo(Mlops.BuiltProgram("src/MLOpsLearn.Gateway.Host", "MLOpsLearn.Gateway.Host")) { RedirectStandardOutput = true };
            start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{http}";
            start.Environment["GRPC_PORT"] = $"{grpc}";
            foreach (var service in AppHostProcess.Services)
            {
                var address = $"http://127.0.0.1:{(service == "Inference" ? inferencePort : 1)}";
                start.Environment[$"services__{service.ToLowerInvariant()}__http__0"] = address;
                start.Environment[$"services__{service.ToLowerInvariant()}__grpc__0"] = address;
            }

            var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            var gateway = new Gateway(process, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{http}") });
            var started = Stopwatch.GetTimestamp();
            while (!await gateway.IsAliveAsync())
            {
                Assert.False(process.HasExited, "The gateway ended.");
                Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Wait, "The gateway did not come up.");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }

            return gateway;
        }

        public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        public Task<HttpResponseMessage> PostAsync(string path, string body) =>
            _http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _http.Dispose();
        }

        private async Task<bool> IsAliveAsync()
        {
            try
            {
                using var answer = await _http.GetAsync(new Uri("/alive", UriKind.Relative), TestContext.Current.CancellationToken);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
