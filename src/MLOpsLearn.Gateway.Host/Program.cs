using MLOpsLearn.Gateway.Host;
using MLOpsLearn.ServiceDefaults;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. args, "--hostBuilder:reloadConfigOnChange=false"], ContentRootPath = AppContext.BaseDirectory });
builder.AddServiceDefaults();
builder.AddGatewayRoutes();

var app = builder.Build();
app.MapServiceDefaults();
app.MapGatewayRoutes();
app.Run();
