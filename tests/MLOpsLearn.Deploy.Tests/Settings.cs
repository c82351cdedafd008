using System.ComponentModel;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MLOpsLearn.Deploy.Tests;

/// <summary>Which environment variables the services read: what isn't read by anything is a typing error that nobody would notice.</summary>
internal static partial class Settings
{
    /// <summary>Read by .NET, ASP.NET Core and OpenTelemetry themselves.</summary>
    private static readonly string[] OfThePlatform =
        ["ASPNETCORE_ENVIRONMENT", "ASPNETCORE_URLS", "DOTNET_EnableDiagnostics", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    private static readonly Dictionary<string, Type> Sections = FindSections();

    /// <summary>What is wrong with a variable of a service; null when nothing is.</summary>
    public static string? Fault(string service, string name, string? value)
    {
        if (OfThePlatform.Contains(name))
        {
            return null;
        }

        if (name == "GRPC_PORT")
        {
            return ushort.TryParse(value, out _) ? null : "GRPC_PORT must be a port";
        }

        if (name.StartsWith("ConnectionStrings__", StringComparison.Ordinal))
        {
            return name["ConnectionStrings__".Length..] is var connection && (connection == service || connection is "messaging" or "cache")
                ? null : $"{service} reads no connection string '{connection}'";
        }

        if (Address().Match(name) is { Success: true } address)
        {
            return !Checkout.Services.Contains(address.Groups[1].Value) ? $"there is no service '{address.Groups[1].Value}'"
                : Uri.TryCreate(value, UriKind.Absolute, out _) ? null : $"'{value}' is no address";
        }

        return FaultOfOption(name, value);
    }

    private static string? FaultOfOption(string name, string? value)
    {
        var section = Sections.Keys.Where(key => name.StartsWith(key + "__", StringComparison.Ordinal)).MaxBy(key => key.Length);
        if (section is null)
        {
            return $"no options class has a section that '{name}' belongs to";
        }

        var parts = name[(section.Length + 2)..].Split("__");
        var property = Sections[section].GetProperty(parts[0], BindingFlags.Public | BindingFlags.Instance);
        if (property is null)
        {
            return $"{Sections[section].Name} has no property '{parts[0]}'";
        }

        var isList = property.PropertyType != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(property.PropertyType);
        if (isList != (parts.Length == 2 && int.TryParse(parts[1], out _)))
        {
            return $"'{name}' must {(isList ? "" : "not ")}end with a number of a list";
        }

        var converter = TypeDescriptor.GetConverter(property.PropertyType);
        try
        {
            return isList || value is null || converter.ConvertFromInvariantString(value) is not null ? null : $"'{value}' can't be read";
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException)
        {
            return $"'{value}' is no {property.PropertyType.Name}";
        }
    }

    private static Dictionary<string, Type> FindSections() =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "MLOpsLearn.*.dll").Select(Assembly.LoadFrom).SelectMany(assembly => assembly.GetTypes())
            .Select(type => (type, section: type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string))
            .Where(entry => entry.section is not null)
            .ToDictionary(entry => entry.section!.Replace(":", "__", StringComparison.Ordinal), entry => entry.type);

    [GeneratedRegex("^services__([a-z]+)__(?:http|grpc)__0$")]
    private static partial Regex Address();
}
