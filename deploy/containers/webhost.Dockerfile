# A web frontend, client of a silo cluster. Port: 8080 HTTP.
# Build from the root of the repository: docker build -f deploy/containers/webhost.Dockerfile -t serversession-webhost .
# The image has no shell and no package manager, runs as a user without rights, and writes nothing: start it with a read-only root file system.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/ src/
ENV NUGET_PACKAGES=/nuget
RUN --mount=type=cache,target=/nuget dotnet publish src/WebHost --configuration Release --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
ENV ASPNETCORE_URLS=http://+:8080 \
    DOTNET_EnableDiagnostics=0
EXPOSE 8080
USER $APP_UID
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s CMD ["dotnet", "ServerSession.Orleans.WebHost.dll", "check-health"]
ENTRYPOINT ["dotnet", "ServerSession.Orleans.WebHost.dll"]
