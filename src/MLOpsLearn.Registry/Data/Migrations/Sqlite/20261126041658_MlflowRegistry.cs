using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Registry.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class MlflowRegistry : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "UpdatedAt",
                table: "models",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "Description",
                table: "model_versions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ModelId",
                table: "model_versions",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "RunLink",
                table: "model_versions",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "Stage",
                table: "model_versions",
                type: "TEXT",
                maxLength: 20,
                nullable: false,
                defaultValue: "None");

            migrationBuilder.AddColumn<string>(
                name: "StorageLocation",
                table: "model_versions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "UpdatedAt",
                table: "model_versions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "model_tags",
                columns: table => new
                {
                    Workspace = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    Key = table.Column<string>(type: "TEXT", maxLength: 250, nullable: false),
                    Value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_model_tags", x => new { x.Workspace, x.Model, x.Key });
                });

            migrationBuilder.CreateTable(
                name: "version_tags",
                columns: table => new
                {
                    Workspace = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    Key = table.Column<string>(type: "TEXT", maxLength: 250, nullable: false),
                    Value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_version_tags", x => new { x.Workspace, x.Model, x.Version, x.Key });
                });

            migrationBuilder.CreateTable(
                name: "webhook_deliveries",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    Workspace = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    WebhookId = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    Event = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    Body = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    NextAttemptAt = table.Column<long>(type: "INTEGER", nullable: false),
                    ResponseStatus = table.Column<int>(type: "INTEGER", nullable: true),
                    Error = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    FinishedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_deliveries", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "webhooks",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    Workspace = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    Description = table.Column<string>(type: "TEXT", nullable: true),
                    Url = table.Column<string>(type: "TEXT", nullable: false),
                    Events = table.Column<string>(type: "TEXT", nullable: false),
                    Secret = table.Column<string>(type: "TEXT", nullable: true),
                    IsActive = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    UpdatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhooks", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_models_Workspace_UpdatedAt",
                table: "models",
                columns: new[] { "Workspace", "UpdatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_model_versions_Workspace_Model_Stage_Version",
                table: "model_versions",
                columns: new[] { "Workspace", "Model", "Stage", "Version" });

            migrationBuilder.CreateIndex(
                name: "IX_model_versions_Workspace_UpdatedAt",
                table: "model_versions",
                columns: new[] { "Workspace", "UpdatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_model_tags_Workspace_Key_Model",
                table: "model_tags",
                columns: new[] { "Workspace", "Key", "Model" });

            migrationBuilder.CreateIndex(
                name: "IX_version_tags_Workspace_Key_Model",
                table: "version_tags",
                columns: new[] { "Workspace", "Key", "Model" });

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_State_NextAttemptAt",
                table: "webhook_deliveries",
                columns: new[] { "State", "NextAttemptAt" });

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_WebhookId_Id",
                table: "webhook_deliveries",
                columns: new[] { "WebhookId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_webhooks_Workspace_IsActive",
                table: "webhooks",
                columns: new[] { "Workspace", "IsActive" });

            // What was in the old columns moves to its new place before they go.
            migrationBuilder.AddColumn<string>(name: "Source", table: "model_versions", type: "TEXT", nullable: false, defaultValue: "");
            migrationBuilder.Sql("""INSERT INTO model_tags ("Workspace", "Model", "Key", "Value") SELECT m."Workspace", m."Name", t.key, t.value FROM models m, json_each(m."TagsJson") t""");
            migrationBuilder.Sql("""INSERT INTO version_tags ("Workspace", "Model", "Version", "Key", "Value") SELECT v."Workspace", v."Model", v."Version", t.key, t.value FROM model_versions v, json_each(v."TagsJson") t""");
            migrationBuilder.Sql("""UPDATE models SET "UpdatedAt" = "CreatedAt";""");
            migrationBuilder.Sql("""UPDATE model_versions SET "UpdatedAt" = "CreatedAt", "Source" = 'runs:/' || "RunId" || '/' || "ArtifactPath";""");
            // By hand: the provider would rebuild the tables, outside the migration's transaction, and a kill then would leave half of it.
            migrationBuilder.Sql("""ALTER TABLE models DROP COLUMN "TagsJson";""");
            migrationBuilder.Sql("""ALTER TABLE model_versions DROP COLUMN "TagsJson";""");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "model_tags");

            migrationBuilder.DropTable(
                name: "version_tags");

            migrationBuilder.DropTable(
                name: "webhook_deliveries");

            migrationBuilder.DropTable(
                name: "webhooks");

            migrationBuilder.DropIndex(
                name: "IX_models_Workspace_UpdatedAt",
                table: "models");

            migrationBuilder.DropIndex(
                name: "IX_model_versions_Workspace_Model_Stage_Version",
                table: "model_versions");

            migrationBuilder.DropIndex(
                name: "IX_model_versions_Workspace_UpdatedAt",
                table: "model_versions");

            migrationBuilder.DropColumn(
                name: "UpdatedAt",
                table: "models");

            migrationBuilder.DropColumn(
                name: "Description",
                table: "model_versions");

            migrationBuilder.DropColumn(
                name: "ModelId",
                table: "model_versions");

            migrationBuilder.DropColumn(
                name: "RunLink",
                table: "model_versions");

            migrationBuilder.DropColumn(
                name: "Stage",
                table: "model_versions");

            migrationBuilder.DropColumn(
                name: "StorageLocation",
                table: "model_versions");

            migrationBuilder.DropColumn(
                name: "UpdatedAt",
                table: "model_versions");

            migrationBuilder.RenameColumn(
                name: "Source",
                table: "model_versions",
                newName: "TagsJson");

            migrationBuilder.AddColumn<string>(
                name: "TagsJson",
                table: "models",
                type: "TEXT",
                nullable: false,
                defaultValue: "");
        }
    }
}
