using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace MLOpsLearn.Registry.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class GateSignificance : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<double>(
                name: "MaxPValue",
                table: "promotion_policies",
                type: "double precision",
                nullable: false,
                defaultValue: 0.0);

            migrationBuilder.CreateIndex(
                name: "IX_freezes_Workspace_Model",
                table: "freezes",
                columns: new[] { "Workspace", "Model" },
                unique: true,
                filter: "\"LiftedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_evaluations_Workspace_Model_Version_Id",
                table: "evaluations",
                columns: new[] { "Workspace", "Model", "Version", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_freezes_Workspace_Model",
                table: "freezes");

            migrationBuilder.DropIndex(
                name: "IX_evaluations_Workspace_Model_Version_Id",
                table: "evaluations");

            migrationBuilder.DropColumn(
                name: "MaxPValue",
                table: "promotion_policies");
        }
    }
}
