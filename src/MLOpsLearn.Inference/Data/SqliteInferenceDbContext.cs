using Microsoft.EntityFrameworkCore;

namespace MLOpsLearn.Inference.Data;

internal sealed class SqliteInferenceDbContext(DbContextOptions<SqliteInferenceDbContext> options) : InferenceDbContext(options);
