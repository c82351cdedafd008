using MLOpsLearn.Registry;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.ServiceDefaults;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"], ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddRegistryModule();
builder.AddEventBus(allowInMemory: false);

var app = builder.Build();
app.MapServiceDefaults();
app.MapRegistryModule();
app.Run();
