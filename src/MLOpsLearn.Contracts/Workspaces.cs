namespace MLOpsLearn.Contracts;

/// <summary>Names of workspaces: the wall between teams that share one installation.</summary>
public static class Workspaces
{
    /// <summary>The one workspace there is until workspaces can be made.</summary>
    public const string Default = "default";
}
