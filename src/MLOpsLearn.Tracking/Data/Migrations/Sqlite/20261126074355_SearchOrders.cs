using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Tracking.Data.Migrations.Sqlite
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_runs_start_ms_run_id",
                table: "runs");
        }
    }
}
