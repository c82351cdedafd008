using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Tracking.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class SearchOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_runs_start_ms_run_id",
                table: "runs",
                columns: new[] { "start_ms", "run_id" },
                descending: new[] { true, false });

            // Filters and orders go by the characters' codes, as in SQLite; an index of another order serves the filters only.
            migrationBuilder.Sql(
                """
                DROP INDEX "IX_params_name_value";
                DROP INDEX "IX_tags_name_value";
                CREATE INDEX "IX_params_name_value" ON params (name, (left(value, 200) COLLATE "C"));
                CREATE INDEX "IX_tags_name_value" ON tags (name, (left(value, 200) COLLATE "C"));
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                DROP INDEX "IX_params_name_value";
                DROP INDEX "IX_tags_name_value";
                CREATE INDEX "IX_params_name_value" ON params (name, left(value, 200));
                CREATE INDEX "IX_tags_name_value" ON tags (name, left(value, 200));
                """);
            migrationBuilder.DropIndex(
                name: "IX_runs_start_ms_run_id",
                table: "runs");
        }
    }
}
