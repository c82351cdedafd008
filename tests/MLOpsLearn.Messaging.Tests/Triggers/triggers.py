"""Publishes triggers as a stranger would: plain JSON and CloudEvents, with pika. Prints one JSON line for each answer."""
import json
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
answers = channel.queue_declare(queue="", exclusive=True).method.queue
received = {}


def keep(_channel, _method, properties, body):
    received[properties.correlation_id] = json.loads(body)


channel.basic_consume(answers, keep, auto_ack=True)


def ask(name, body, key="from.python", **properties):
    channel.basic_publish("mlops.triggers", key, body, pika.BasicProperties(reply_to=answers, correlation_id=name, **properties))
    for _ in range(300):
        connection.process_data_events(time_limit=0.1)
        if name in received:
            break
    print(json.dumps({"name": name, "answer": received.get(name)}), flush=True)


data = {"model": "trip-duration", "reason": "asked from Python"}
event = {"specversion": "1.0", "id": "s-1", "source": "/python", "type": "mlops.retrain.requested", "data": data}
binary = {"cloudEvents:specversion": "1.0", "cloudEvents:id": "b-1", "cloudEvents:source": "/python", "cloudEvents:type": "mlops.retrain.requested"}

ask("plain", json.dumps(data), message_id="p-1")
ask("plain-again", json.dumps(data), message_id="p-1")
ask("structured", json.dumps(event), content_type="application/cloudevents+json")
ask("binary", json.dumps(data), content_type="application/json", headers=binary)
ask("labels", json.dumps({"endpoint": "trip-duration"}), key="mlops.labels.arrived", message_id="l-1")
ask("nonsense", "{ nonsense")
ask("no-model", json.dumps({"reason": "which?"}))
ask("unknown-model", json.dumps({"model": "nobody"}), message_id="u-1")
# An answer must not get among the product's own messages.
channel.basic_publish("mlops.triggers", "x", json.dumps(data), pika.BasicProperties(reply_to="training.triggers", correlation_id="loop", message_id="evil-1"))
ask("after", json.dumps({"endpoint": "trip-duration"}), key="mlops.labels.arrived", message_id="l-2")
connection.close()
