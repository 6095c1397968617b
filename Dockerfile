# Production: the sidecar, the page and the voice agent, with real services only (./launch.sh start).
# docker build -t mindbot . && docker run --env-file .env -p 8003:8003 mindbot
# The agent needs no open port: it connects to LiveKit by itself.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN ONNXRUNTIME_NODE_INSTALL=skip npm ci
COPY . .
# launch.sh takes the stamp for a finished install and fetches nothing when the container starts.
RUN npm run build && npm prune --omit=dev && cksum <package-lock.json >node_modules/.mindbot-installed

FROM node:24-bookworm-slim
# Connections to LiveKit and to providers are checked against the system's certificates.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build --chown=node:node /app/package.json /app/package-lock.json /app/launch.sh ./
COPY --from=build --chown=node:node /app/node_modules node_modules
COPY --from=build --chown=node:node /app/shared shared
COPY --from=build --chown=node:node /app/agent agent
COPY --from=build --chown=node:node /app/webhook-server webhook-server
COPY --from=build --chown=node:node /app/commands commands
COPY --from=build --chown=node:node /app/web/dist web/dist
RUN install -d -o node -g node -m 700 /app/.mindbot
USER node
ENV ENVIRONMENT=production SIDECAR_HOST=0.0.0.0 STATUS_HOST=0.0.0.0
EXPOSE 8003
HEALTHCHECK --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:8003/health').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Calls in progress may end first: give the container that time (docker stop --timeout, terminationGracePeriodSeconds).
CMD ["./launch.sh", "start"]
