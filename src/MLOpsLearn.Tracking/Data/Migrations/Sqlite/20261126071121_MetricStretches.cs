using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Tracking.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class MetricStretches : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "late_writes",
                table: "latest_metrics",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "stretch_first",
                table: "latest_metrics",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "stretch_steps",
                table: "latest_metrics",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "stretch_stride",
                table: "latest_metrics",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            // Without a row id the table is its key.
            migrationBuilder.Sql(
                """
                CREATE TABLE "metric_stretches" (
                    "run_key" INTEGER NOT NULL,
                    "key_id" INTEGER NOT NULL,
                    "first_step" INTEGER NOT NULL,
                    "last_step" INTEGER NOT NULL,
                    "steps" INTEGER NOT NULL,
                    "stride" INTEGER NOT NULL,
                    CONSTRAINT "PK_metric_stretches" PRIMARY KEY ("run_key", "key_id", "first_step")
                ) WITHOUT ROWID;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "metric_stretches");

            migrationBuilder.DropColumn(
                name: "late_writes",
                table: "latest_metrics");

            migrationBuilder.DropColumn(
                name: "stretch_first",
                table: "latest_metrics");

            migrationBuilder.DropColumn(
                name: "stretch_steps",
                table: "latest_metrics");

            migrationBuilder.DropColumn(
                name: "stretch_stride",
                table: "latest_metrics");
        }
    }
}
