using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Tracking.Data.Migrations.Postgres
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
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "stretch_first",
                table: "latest_metrics",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "stretch_steps",
                table: "latest_metrics",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "stretch_stride",
                table: "latest_metrics",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "metric_stretches",
                columns: table => new
                {
                    run_key = table.Column<long>(type: "bigint", nullable: false),
                    key_id = table.Column<long>(type: "bigint", nullable: false),
                    first_step = table.Column<long>(type: "bigint", nullable: false),
                    last_step = table.Column<long>(type: "bigint", nullable: false),
                    steps = table.Column<long>(type: "bigint", nullable: false),
                    stride = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_metric_stretches", x => new { x.run_key, x.key_id, x.first_step });
                });
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
