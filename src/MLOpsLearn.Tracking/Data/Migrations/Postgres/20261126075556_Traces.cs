using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Tracking.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Traces : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "trace_texts",
                columns: table => new
                {
                    trace_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "character varying(250)", maxLength: 250, nullable: false),
                    value = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_trace_texts", x => new { x.trace_id, x.kind, x.name });
                });

            migrationBuilder.CreateTable(
                name: "traces",
                columns: table => new
                {
                    trace_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    experiment_id = table.Column<long>(type: "bigint", nullable: false),
                    start_ms = table.Column<long>(type: "bigint", nullable: false),
                    duration_ms = table.Column<long>(type: "bigint", nullable: true),
                    state = table.Column<int>(type: "integer", nullable: false),
                    client_request_id = table.Column<string>(type: "text", nullable: true),
                    request_preview = table.Column<string>(type: "text", nullable: true),
                    response_preview = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_traces", x => x.trace_id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_traces_experiment_id_start_ms",
                table: "traces",
                columns: new[] { "experiment_id", "start_ms" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "trace_texts");

            migrationBuilder.DropTable(
                name: "traces");
        }
    }
}
