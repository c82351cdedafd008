using MLOpsLearn.Training;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.ServiceDefaults;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"], ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddTrainingModule();
builder.AddEventBus(allowInMemory: false);

var app = builder.Build();
app.MapServiceDefaults();
app.MapTrainingModule();
app.Run();
