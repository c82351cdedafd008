using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Monitoring.Data.Migrations.Sqlite
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
                    BatchId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    FirstOrdinal = table.Column<long>(type: "INTEGER", nullable: false),
                    Rows = table.Column<int>(type: "INTEGER", nullable: false),
                    FirstEventMs = table.Column<long>(type: "INTEGER", nullable: false),
                    LastEventMs = table.Column<long>(type: "INTEGER", nullable: false),
                    Body = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_batches", x => x.BatchId);
                });

            migrationBuilder.CreateTable(
                name: "idempotent_replies",
                columns: table => new
                {
                    Method = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    RequestId = table.Column<Guid>(type: "TEXT", nullable: false),
                    RequestHash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Reply = table.Column<byte[]>(type: "BLOB", nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_idempotent_replies", x => new { x.Method, x.RequestId });
                });

            migrationBuilder.CreateTable(
                name: "inbox",
                columns: table => new
                {
                    Consumer = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    MessageId = table.Column<Guid>(type: "TEXT", nullable: false),
                    HandledAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_inbox", x => new { x.Consumer, x.MessageId });
                });

            migrationBuilder.CreateTable(
                name: "incidents",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    Monitor = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    Body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_incidents", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "labels",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    PredictionId = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    ObservedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    Count = table.Column<int>(type: "INTEGER", nullable: false),
                    RowNumbers = table.Column<byte[]>(type: "BLOB", nullable: true),
                    Values = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_labels", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "monitors",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    Raise = table.Column<double>(type: "REAL", nullable: false),
                    Clear = table.Column<double>(type: "REAL", nullable: true),
                    ForWindows = table.Column<int>(type: "INTEGER", nullable: false),
                    ClearWindows = table.Column<int>(type: "INTEGER", nullable: false),
                    RenotifyWindows = table.Column<int>(type: "INTEGER", nullable: false),
                    StateJson = table.Column<string>(type: "TEXT", nullable: false),
                    Evaluations = table.Column<long>(type: "INTEGER", nullable: false),
                    IncidentId = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_monitors", x => new { x.Endpoint, x.Name });
                });

            migrationBuilder.CreateTable(
                name: "outbox",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    MessageId = table.Column<Guid>(type: "TEXT", nullable: false),
                    EventName = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Body = table.Column<string>(type: "TEXT", nullable: false),
                    TraceParent = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outbox", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "references",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    RunId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    ArtifactPath = table.Column<string>(type: "TEXT", nullable: false),
                    Sha256 = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Rows = table.Column<long>(type: "INTEGER", nullable: false),
                    Rmse = table.Column<double>(type: "REAL", nullable: false),
                    Mae = table.Column<double>(type: "REAL", nullable: false),
                    Skill = table.Column<double>(type: "REAL", nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    InForce = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_references", x => new { x.Endpoint, x.Version });
                });

            migrationBuilder.CreateTable(
                name: "requests",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    PredictionId = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    FirstRow = table.Column<int>(type: "INTEGER", nullable: false),
                    Rows = table.Column<int>(type: "INTEGER", nullable: false),
                    FirstOrdinal = table.Column<long>(type: "INTEGER", nullable: false),
                    FirstEventMs = table.Column<long>(type: "INTEGER", nullable: false),
                    LastEventMs = table.Column<long>(type: "INTEGER", nullable: false),
                    ContentHash = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_requests", x => new { x.Endpoint, x.PredictionId, x.FirstRow });
                });

            migrationBuilder.CreateTable(
                name: "segments",
                columns: table => new
                {
                    SegmentId = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    FirstOrdinal = table.Column<long>(type: "INTEGER", nullable: false),
                    Rows = table.Column<int>(type: "INTEGER", nullable: false),
                    FirstEventMs = table.Column<long>(type: "INTEGER", nullable: false),
                    LastEventMs = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_segments", x => x.SegmentId);
                });

            migrationBuilder.CreateTable(
                name: "subjects",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    Workspace = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Declaration = table.Column<byte[]>(type: "BLOB", nullable: false),
                    StoredRows = table.Column<long>(type: "INTEGER", nullable: false),
                    StoredLabels = table.Column<long>(type: "INTEGER", nullable: false),
                    DuplicateRows = table.Column<long>(type: "INTEGER", nullable: false),
                    ConflictingRows = table.Column<long>(type: "INTEGER", nullable: false),
                    TooLateRows = table.Column<long>(type: "INTEGER", nullable: false),
                    Watermark = table.Column<long>(type: "INTEGER", nullable: true),
                    EvaluatedUntil = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subjects", x => x.Endpoint);
                });

            migrationBuilder.CreateTable(
                name: "windows",
                columns: table => new
                {
                    Endpoint = table.Column<string>(type: "TEXT", maxLength: 63, nullable: false),
                    Key = table.Column<long>(type: "INTEGER", nullable: false),
                    StartMs = table.Column<long>(type: "INTEGER", nullable: false),
                    EndMs = table.Column<long>(type: "INTEGER", nullable: false),
                    Rows = table.Column<long>(type: "INTEGER", nullable: false),
                    EvaluatedRows = table.Column<long>(type: "INTEGER", nullable: false),
                    DriftEvaluated = table.Column<bool>(type: "INTEGER", nullable: false),
                    QualityEvaluated = table.Column<bool>(type: "INTEGER", nullable: false),
                    LabelsChanged = table.Column<bool>(type: "INTEGER", nullable: false),
                    Revision = table.Column<int>(type: "INTEGER", nullable: false),
                    Result = table.Column<byte[]>(type: "BLOB", nullable: true)
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
