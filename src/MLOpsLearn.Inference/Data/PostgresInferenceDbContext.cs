using Microsoft.EntityFrameworkCore;

namespace MLOpsLearn.Inference.Data;

internal sealed class PostgresInferenceDbContext(DbContextOptions<PostgresInferenceDbContext> options) : InferenceDbContext(options);
