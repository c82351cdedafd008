using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Tracking.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class RunOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_runs_experiment_id_end_ms_start_ms_run_id",
                table: "runs",
                columns: new[] { "experiment_id", "end_ms", "start_ms", "run_id" },
                descending: new[] { false, false, true, false });

            migrationBuilder.CreateIndex(
                name: "IX_runs_experiment_id_status_start_ms_run_id",
                table: "runs",
                columns: new[] { "experiment_id", "status", "start_ms", "run_id" },
                descending: new[] { false, false, true, false });

            // Texts of any length go by their beginnings.
            migrationBuilder.Sql(
                """
                CREATE INDEX "IX_runs_experiment_id_user_id" ON runs (experiment_id, (left(user_id, 200) COLLATE "C"), start_ms DESC, run_id);
                CREATE INDEX "IX_runs_experiment_id_name" ON runs (experiment_id, (left(name, 200) COLLATE "C"), start_ms DESC, run_id);
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP INDEX "IX_runs_experiment_id_user_id";
                DROP INDEX "IX_runs_experiment_id_name";
                """);
            migrationBuilder.DropIndex(
                name: "IX_runs_experiment_id_status_start_ms_run_id",
                table: "runs");

            migrationBuilder.DropIndex(
                name: "IX_runs_experiment_id_end_ms_start_ms_run_id",
                table: "runs");
        }
    }
}
