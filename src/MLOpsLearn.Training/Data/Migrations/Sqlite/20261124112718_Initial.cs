using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Training.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "decisions",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    Workspace = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Pipeline = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    AlertId = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Sequence = table.Column<int>(type: "INTEGER", nullable: false),
                    Action = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", nullable: false),
                    JobId = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    Time = table.Column<long>(type: "INTEGER", nullable: false),
                    Facts = table.Column<string>(type: "TEXT", nullable: false),
                    IsOpen = table.Column<bool>(type: "INTEGER", nullable: false),
                    TriggerId = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    TriggerKind = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    TriggerReason = table.Column<string>(type: "TEXT", nullable: false),
                    TriggerStoredTime = table.Column<long>(type: "INTEGER", nullable: true),
                    TriggerTime = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_decisions", x => x.Id);
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
                name: "jobs",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", maxLength: 36, nullable: false),
                    Workspace = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Pipeline = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    PipelineVersion = table.Column<int>(type: "INTEGER", nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    Revision = table.Column<long>(type: "INTEGER", nullable: false),
                    Input = table.Column<byte[]>(type: "BLOB", nullable: false),
                    CreateTime = table.Column<long>(type: "INTEGER", nullable: false),
                    StartTime = table.Column<long>(type: "INTEGER", nullable: true),
                    EndTime = table.Column<long>(type: "INTEGER", nullable: true),
                    Attempt = table.Column<int>(type: "INTEGER", nullable: false),
                    WorkerFailures = table.Column<int>(type: "INTEGER", nullable: false),
                    LeaseOwner = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    LeaseUntil = table.Column<long>(type: "INTEGER", nullable: true),
                    TokenHash = table.Column<byte[]>(type: "BLOB", nullable: true),
                    ProcessId = table.Column<int>(type: "INTEGER", nullable: false),
                    Steps = table.Column<string>(type: "TEXT", nullable: false),
                    Message = table.Column<string>(type: "TEXT", nullable: false),
                    RunId = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    RunEndPending = table.Column<bool>(type: "INTEGER", nullable: false),
                    TrainedModel = table.Column<byte[]>(type: "BLOB", nullable: true),
                    WorkerFault = table.Column<string>(type: "TEXT", nullable: true),
                    WorkerFaultRetryable = table.Column<bool>(type: "INTEGER", nullable: false),
                    ModelVersion = table.Column<int>(type: "INTEGER", nullable: false),
                    EvaluationId = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Outcome = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    OutcomeReason = table.Column<string>(type: "TEXT", nullable: false),
                    FitStartTime = table.Column<long>(type: "INTEGER", nullable: true),
                    FitEndTime = table.Column<long>(type: "INTEGER", nullable: true),
                    PeakMemoryBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    TraceParent = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    TriggerId = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    TriggerKind = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    TriggerReason = table.Column<string>(type: "TEXT", nullable: false),
                    TriggerStoredTime = table.Column<long>(type: "INTEGER", nullable: true),
                    TriggerTime = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_jobs", x => x.Id);
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
                name: "pipeline_versions",
                columns: table => new
                {
                    Workspace = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    Yaml = table.Column<string>(type: "TEXT", nullable: false),
                    Model = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    CreateTime = table.Column<long>(type: "INTEGER", nullable: false),
                    IsNewest = table.Column<bool>(type: "INTEGER", nullable: false),
                    RetrainsOnAlert = table.Column<bool>(type: "INTEGER", nullable: false),
                    GateHandedOver = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_pipeline_versions", x => new { x.Workspace, x.Name, x.Version });
                });

            migrationBuilder.CreateIndex(
                name: "IX_decisions_IsOpen",
                table: "decisions",
                column: "IsOpen");

            migrationBuilder.CreateIndex(
                name: "IX_decisions_Workspace_AlertId_Sequence_Pipeline",
                table: "decisions",
                columns: new[] { "Workspace", "AlertId", "Sequence", "Pipeline" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_idempotent_replies_ExpiresAt",
                table: "idempotent_replies",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_inbox_HandledAt",
                table: "inbox",
                column: "HandledAt");

            migrationBuilder.CreateIndex(
                name: "IX_jobs_RunEndPending",
                table: "jobs",
                column: "RunEndPending");

            migrationBuilder.CreateIndex(
                name: "IX_jobs_State_Id",
                table: "jobs",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_jobs_Workspace_Pipeline_Id",
                table: "jobs",
                columns: new[] { "Workspace", "Pipeline", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_pipeline_versions_Workspace_IsNewest_Model",
                table: "pipeline_versions",
                columns: new[] { "Workspace", "IsNewest", "Model" });

            migrationBuilder.CreateIndex(
                name: "IX_pipeline_versions_Workspace_IsNewest_Name",
                table: "pipeline_versions",
                columns: new[] { "Workspace", "IsNewest", "Name" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "decisions");

            migrationBuilder.DropTable(
                name: "idempotent_replies");

            migrationBuilder.DropTable(
                name: "inbox");

            migrationBuilder.DropTable(
                name: "jobs");

            migrationBuilder.DropTable(
                name: "outbox");

            migrationBuilder.DropTable(
                name: "pipeline_versions");
        }
    }
}
