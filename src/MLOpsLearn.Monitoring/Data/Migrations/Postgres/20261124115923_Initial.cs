using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace MLOpsLearn.Monitoring.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "batches",
                columns: table => new
                {
                    BatchId = table.Column<Guid>(type: "uuid", nullable: false),
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    FirstOrdinal = table.Column<long>(type: "bigint", nullable: false),
                    Rows = table.Column<int>(type: "integer", nullable: false),
                    FirstEventMs = table.Column<long>(type: "bigint", nullable: false),
                    LastEventMs = table.Column<long>(type: "bigint", nullable: false),
                    Body = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_batches", x => x.BatchId);
                });

            migrationBuilder.CreateTable(
                name: "idempotent_replies",
                columns: table => new
                {
                    Method = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    RequestId = table.Column<Guid>(type: "uuid", nullable: false),
                    RequestHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    Reply = table.Column<byte[]>(type: "bytea", nullable: false),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_idempotent_replies", x => new { x.Method, x.RequestId });
                });

            migrationBuilder.CreateTable(
                name: "inbox",
                columns: table => new
                {
                    Consumer = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    MessageId = table.Column<Guid>(type: "uuid", nullable: false),
                    HandledAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_inbox", x => new { x.Consumer, x.MessageId });
                });

            migrationBuilder.CreateTable(
                name: "incidents",
                columns: table => new
                {
                    Id = table.Column<string>(type: "character varying(36)", maxLength: 36, nullable: false),
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    Monitor = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_incidents", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "labels",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    PredictionId = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    ObservedAt = table.Column<long>(type: "bigint", nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    Count = table.Column<int>(type: "integer", nullable: false),
                    RowNumbers = table.Column<byte[]>(type: "bytea", nullable: true),
                    Values = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_labels", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "monitors",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    Name = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Raise = table.Column<double>(type: "double precision", nullable: false),
                    Clear = table.Column<double>(type: "double precision", nullable: true),
                    ForWindows = table.Column<int>(type: "integer", nullable: false),
                    ClearWindows = table.Column<int>(type: "integer", nullable: false),
                    RenotifyWindows = table.Column<int>(type: "integer", nullable: false),
                    StateJson = table.Column<string>(type: "text", nullable: false),
                    Evaluations = table.Column<long>(type: "bigint", nullable: false),
                    IncidentId = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_monitors", x => new { x.Endpoint, x.Name });
                });

            migrationBuilder.CreateTable(
                name: "outbox",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    MessageId = table.Column<Guid>(type: "uuid", nullable: false),
                    EventName = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    Body = table.Column<string>(type: "text", nullable: false),
                    TraceParent = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "references",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    RunId = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    ArtifactPath = table.Column<string>(type: "text", nullable: false),
                    Sha256 = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Rows = table.Column<long>(type: "bigint", nullable: false),
                    Rmse = table.Column<double>(type: "double precision", nullable: false),
                    Mae = table.Column<double>(type: "double precision", nullable: false),
                    Skill = table.Column<double>(type: "double precision", nullable: true),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    InForce = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_references", x => new { x.Endpoint, x.Version });
                });

            migrationBuilder.CreateTable(
                name: "requests",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    PredictionId = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    FirstRow = table.Column<int>(type: "integer", nullable: false),
                    Rows = table.Column<int>(type: "integer", nullable: false),
                    FirstOrdinal = table.Column<long>(type: "bigint", nullable: false),
                    FirstEventMs = table.Column<long>(type: "bigint", nullable: false),
                    LastEventMs = table.Column<long>(type: "bigint", nullable: false),
                    ContentHash = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_requests", x => new { x.Endpoint, x.PredictionId, x.FirstRow });
                });

            migrationBuilder.CreateTable(
                name: "segments",
                columns: table => new
                {
                    SegmentId = table.Column<string>(type: "character varying(36)", maxLength: 36, nullable: false),
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    FirstOrdinal = table.Column<long>(type: "bigint", nullable: false),
                    Rows = table.Column<int>(type: "integer", nullable: false),
                    FirstEventMs = table.Column<long>(type: "bigint", nullable: false),
                    LastEventMs = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_segments", x => x.SegmentId);
                });

            migrationBuilder.CreateTable(
                name: "subjects",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    Workspace = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    Declaration = table.Column<byte[]>(type: "bytea", nullable: false),
                    StoredRows = table.Column<long>(type: "bigint", nullable: false),
                    StoredLabels = table.Column<long>(type: "bigint", nullable: false),
                    DuplicateRows = table.Column<long>(type: "bigint", nullable: false),
                    ConflictingRows = table.Column<long>(type: "bigint", nullable: false),
                    TooLateRows = table.Column<long>(type: "bigint", nullable: false),
                    Watermark = table.Column<long>(type: "bigint", nullable: true),
                    EvaluatedUntil = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subjects", x => x.Endpoint);
                });

            migrationBuilder.CreateTable(
                name: "windows",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    Key = table.Column<long>(type: "bigint", nullable: false),
                    StartMs = table.Column<long>(type: "bigint", nullable: false),
                    EndMs = table.Column<long>(type: "bigint", nullable: false),
                    Rows = table.Column<long>(type: "bigint", nullable: false),
                    EvaluatedRows = table.Column<long>(type: "bigint", nullable: false),
                    DriftEvaluated = table.Column<bool>(type: "boolean", nullable: false),
                    QualityEvaluated = table.Column<bool>(type: "boolean", nullable: false),
                    LabelsChanged = table.Column<bool>(type: "boolean", nullable: false),
                    Revision = table.Column<int>(type: "integer", nullable: false),
                    Result = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_windows", x => new { x.Endpoint, x.Key });
                });

            migrationBuilder.CreateIndex(
                name: "IX_batches_Endpoint_FirstOrdinal",
                table: "batches",
                columns: new[] { "Endpoint", "FirstOrdinal" },
                filter: "\"Body\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_idempotent_replies_ExpiresAt",
                table: "idempotent_replies",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_inbox_HandledAt",
                table: "inbox",
                column: "HandledAt");

            migrationBuilder.CreateIndex(
                name: "IX_incidents_Endpoint_State_Id",
                table: "incidents",
                columns: new[] { "Endpoint", "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_labels_Endpoint_PredictionId",
                table: "labels",
                columns: new[] { "Endpoint", "PredictionId" });

            migrationBuilder.CreateIndex(
                name: "IX_requests_Endpoint_FirstEventMs",
                table: "requests",
                columns: new[] { "Endpoint", "FirstEventMs" });

            migrationBuilder.CreateIndex(
                name: "IX_requests_Endpoint_FirstOrdinal",
                table: "requests",
                columns: new[] { "Endpoint", "FirstOrdinal" });

            migrationBuilder.CreateIndex(
                name: "IX_segments_Endpoint_LastEventMs",
                table: "segments",
                columns: new[] { "Endpoint", "LastEventMs" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "batches");

            migrationBuilder.DropTable(
                name: "idempotent_replies");

            migrationBuilder.DropTable(
                name: "inbox");

            migrationBuilder.DropTable(
                name: "incidents");

            migrationBuilder.DropTable(
                name: "labels");

            migrationBuilder.DropTable(
                name: "monitors");

            migrationBuilder.DropTable(
                name: "outbox");

            migrationBuilder.DropTable(
                name: "references");

            migrationBuilder.DropTable(
                name: "requests");

            migrationBuilder.DropTable(
                name: "segments");

            migrationBuilder.DropTable(
                name: "subjects");

            migrationBuilder.DropTable(
                name: "windows");
        }
    }
}
