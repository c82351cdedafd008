using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Tracking.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class MlflowContract : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(
                name: "Workspace",
                table: "runs",
                newName: "workspace");

            migrationBuilder.RenameColumn(
                name: "Status",
                table: "runs",
                newName: "status");

            migrationBuilder.RenameColumn(
                name: "Name",
                table: "runs",
                newName: "name");

            migrationBuilder.RenameColumn(
                name: "RunId",
                table: "runs",
                newName: "run_id");

            migrationBuilder.RenameColumn(
                name: "ExperimentId",
                table: "runs",
                newName: "experiment_id");

            migrationBuilder.RenameColumn(
                name: "StartedAt",
                table: "runs",
                newName: "start_ms");

            migrationBuilder.RenameColumn(
                name: "EndedAt",
                table: "runs",
                newName: "end_ms");

            migrationBuilder.RenameIndex(
                name: "IX_runs_RunId",
                table: "runs",
                newName: "IX_runs_run_id");

            migrationBuilder.RenameIndex(
                name: "IX_runs_ExperimentId_run_key",
                table: "runs",
                newName: "IX_runs_experiment_id_run_key");

            migrationBuilder.RenameColumn(
                name: "Workspace",
                table: "experiments",
                newName: "workspace");

            migrationBuilder.RenameColumn(
                name: "Name",
                table: "experiments",
                newName: "name");

            migrationBuilder.RenameColumn(
                name: "Id",
                table: "experiments",
                newName: "id");

            migrationBuilder.RenameColumn(
                name: "CreatedAt",
                table: "experiments",
                newName: "updated_ms");

            migrationBuilder.RenameIndex(
                name: "IX_experiments_Workspace_Name",
                table: "experiments",
                newName: "IX_experiments_workspace_name");

            migrationBuilder.AddColumn<string>(
                name: "artifact_uri",
                table: "runs",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "deleted_ms",
                table: "runs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "user_id",
                table: "runs",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "artifact_location",
                table: "experiments",
                type: "TEXT",
                maxLength: 2048,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "created_ms",
                table: "experiments",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<bool>(
                name: "is_deleted",
                table: "experiments",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "dataset_inputs",
                columns: table => new
                {
                    run_key = table.Column<long>(type: "INTEGER", nullable: false),
                    dataset_id = table.Column<long>(type: "INTEGER", nullable: false),
                    context = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    tags_json = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_dataset_inputs", x => new { x.run_key, x.dataset_id });
                });

            migrationBuilder.CreateTable(
                name: "experiment_tags",
                columns: table => new
                {
                    experiment_id = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 250, nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_experiment_tags", x => new { x.experiment_id, x.name });
                    table.ForeignKey(
                        name: "FK_experiment_tags_experiments_experiment_id",
                        column: x => x.experiment_id,
                        principalTable: "experiments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "input_datasets",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    experiment_id = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    digest = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    source_type = table.Column<string>(type: "TEXT", nullable: false),
                    source = table.Column<string>(type: "TEXT", nullable: false),
                    schema = table.Column<string>(type: "TEXT", nullable: false),
                    profile = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_input_datasets", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "logged_model_metrics",
                columns: table => new
                {
                    model_id = table.Column<string>(type: "TEXT", maxLength: 34, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 250, nullable: false),
                    dataset_name = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    dataset_digest = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    run_id = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    step = table.Column<long>(type: "INTEGER", nullable: false),
                    time_ms = table.Column<long>(type: "INTEGER", nullable: false),
                    value = table.Column<double>(type: "REAL", nullable: false),
                    is_nan = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_logged_model_metrics", x => new { x.model_id, x.name, x.dataset_name, x.dataset_digest, x.run_id });
                });

            migrationBuilder.CreateTable(
                name: "logged_model_texts",
                columns: table => new
                {
                    model_id = table.Column<string>(type: "TEXT", maxLength: 34, nullable: false),
                    kind = table.Column<int>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 250, nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_logged_model_texts", x => new { x.model_id, x.kind, x.name });
                });

            migrationBuilder.CreateTable(
                name: "logged_models",
                columns: table => new
                {
                    model_id = table.Column<string>(type: "TEXT", maxLength: 34, nullable: false),
                    experiment_id = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    created_ms = table.Column<long>(type: "INTEGER", nullable: false),
                    updated_ms = table.Column<long>(type: "INTEGER", nullable: false),
                    artifact_uri = table.Column<string>(type: "TEXT", nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    model_type = table.Column<string>(type: "TEXT", nullable: true),
                    source_run_id = table.Column<string>(type: "TEXT", nullable: true),
                    deleted_ms = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_logged_models", x => x.model_id);
                });

            migrationBuilder.CreateTable(
                name: "run_models",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    run_key = table.Column<long>(type: "INTEGER", nullable: false),
                    is_output = table.Column<bool>(type: "INTEGER", nullable: false),
                    model_id = table.Column<string>(type: "TEXT", maxLength: 34, nullable: false),
                    step = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_run_models", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_runs_experiment_id_start_ms_run_id",
                table: "runs",
                columns: new[] { "experiment_id", "start_ms", "run_id" },
                descending: new[] { false, true, false });

            migrationBuilder.CreateIndex(
                name: "IX_dataset_inputs_dataset_id",
                table: "dataset_inputs",
                column: "dataset_id");

            migrationBuilder.CreateIndex(
                name: "IX_input_datasets_experiment_id_name_digest",
                table: "input_datasets",
                columns: new[] { "experiment_id", "name", "digest" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_logged_models_experiment_id_created_ms",
                table: "logged_models",
                columns: new[] { "experiment_id", "created_ms" });

            migrationBuilder.CreateIndex(
                name: "IX_run_models_run_key",
                table: "run_models",
                column: "run_key");

            // Moments were ticks; MLflow's are milliseconds, and so are ours now.
            migrationBuilder.Sql(
                """
                INSERT INTO experiment_tags (experiment_id, name, value) SELECT e.id, t.key, t.value FROM experiments AS e, json_each(e."TagsJson") AS t;
                UPDATE experiments SET updated_ms = (updated_ms - 621355968000000000) / 10000;
                UPDATE experiments SET created_ms = updated_ms;
                UPDATE runs SET start_ms = (start_ms - 621355968000000000) / 10000, end_ms = (end_ms - 621355968000000000) / 10000,
                    artifact_uri = 'mlflow-artifacts:/' || experiment_id || '/' || run_id || '/artifacts';
                ALTER TABLE experiments DROP COLUMN "TagsJson";
                """);

            // Without a row id a table is its key: one tree to write instead of two.
            migrationBuilder.Sql(
                """
                CREATE TABLE "params_new" (
                    "run_key" INTEGER NOT NULL,
                    "name" TEXT NOT NULL,
                    "value" TEXT NOT NULL,
                    CONSTRAINT "PK_params" PRIMARY KEY ("run_key", "name")
                ) WITHOUT ROWID;
                INSERT INTO "params_new" SELECT "RunKey", "Name", "Value" FROM "params";
                DROP TABLE "params";
                ALTER TABLE "params_new" RENAME TO "params";
                CREATE TABLE "tags_new" (
                    "run_key" INTEGER NOT NULL,
                    "name" TEXT NOT NULL,
                    "value" TEXT NOT NULL,
                    CONSTRAINT "PK_tags" PRIMARY KEY ("run_key", "name")
                ) WITHOUT ROWID;
                INSERT INTO "tags_new" SELECT "RunKey", "Name", "Value" FROM "tags";
                DROP TABLE "tags";
                ALTER TABLE "tags_new" RENAME TO "tags";
                CREATE TABLE "latest_metrics_new" (
                    "run_key" INTEGER NOT NULL,
                    "key_id" INTEGER NOT NULL,
                    "step" INTEGER NOT NULL,
                    "time_ms" INTEGER NOT NULL,
                    "value" REAL NOT NULL,
                    "is_nan" INTEGER NOT NULL,
                    CONSTRAINT "PK_latest_metrics" PRIMARY KEY ("run_key", "key_id")
                ) WITHOUT ROWID;
                INSERT INTO "latest_metrics_new" SELECT run_key, key_id, step, time_ms, value, is_nan FROM "latest_metrics";
                DROP TABLE "latest_metrics";
                ALTER TABLE "latest_metrics_new" RENAME TO "latest_metrics";
                CREATE INDEX "IX_latest_metrics_key_id_value" ON "latest_metrics" ("key_id", "value");
                """);

            // Filters compare the beginning of a value first: an index takes no value of any length.
            migrationBuilder.Sql(
                """
                CREATE INDEX "IX_params_name_value" ON params (name, substr(value, 1, 200));
                CREATE INDEX "IX_tags_name_value" ON tags (name, substr(value, 1, 200));
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) =>
            throw new System.NotSupportedException("Restore the backup that was made before the upgrade.");
    }
}
