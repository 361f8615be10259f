"""Sends spans, log records and a metric with the real OpenTelemetry SDK, over HTTP and over gRPC."""

import logging
import sys

from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

http, grpc, token = sys.argv[1:4]
resource = Resource.create({"service.name": "checkout"})
headers = {"authorization": f"Bearer {token}"}


def send(name, spans, logs, metrics):
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(spans))
    tracer = tracers.get_tracer(name)
    loggers = LoggerProvider(resource=resource)
    loggers.add_log_record_processor(BatchLogRecordProcessor(logs))
    logger = logging.getLogger(name)
    logger.addHandler(LoggingHandler(logger_provider=loggers))
    meters = MeterProvider(resource=resource, metric_readers=[PeriodicExportingMetricReader(metrics, export_interval_millis=3_600_000)])
    with tracer.start_as_current_span("checkout", attributes={"commit": "first"}):
        with tracer.start_as_current_span("pay", attributes={"commit": "first"}):
            logger.error("card refused")
    meters.get_meter(name).create_counter("checkout.orders").add(3)
    assert tracers.force_flush() and loggers.force_flush() and meters.force_flush()
    meters.shutdown()


send(
    "http",
    HttpSpans(endpoint=f"{http}/v1/traces", headers=headers),
    HttpLogs(endpoint=f"{http}/v1/logs", headers=headers),
    HttpMetrics(endpoint=f"{http}/v1/metrics", headers=headers),
)
pairs = tuple(headers.items())
send(
    "grpc",
    GrpcSpans(endpoint=grpc, insecure=True, headers=pairs),
    GrpcLogs(endpoint=grpc, insecure=True, headers=pairs),
    GrpcMetrics(endpoint=grpc, insecure=True, headers=pairs),
)
