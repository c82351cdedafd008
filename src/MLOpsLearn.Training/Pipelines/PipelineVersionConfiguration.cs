using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Training.Pipelines;

internal sealed class PipelineVersionConfiguration : IEntityTypeConfiguration<PipelineVersion>
{
    public void Configure(EntityTypeBuilder<PipelineVersion> entity)
    {
        entity.ToTable("pipeline_versions");
        entity.HasKey(pipeline => new { pipeline.Workspace, pipeline.Name, pipeline.Version });
        entity.Property(pipeline => pipeline.Workspace).HasMaxLength(200);
        entity.Property(pipeline => pipeline.Name).HasMaxLength(200);
        entity.Property(pipeline => pipeline.Model).HasMaxLength(200);
        entity.HasIndex(pipeline => new { pipeline.Workspace, pipeline.IsNewest, pipeline.Name });
        entity.HasIndex(pipeline => new { pipeline.Workspace, pipeline.IsNewest, pipeline.Model });
    }
}
