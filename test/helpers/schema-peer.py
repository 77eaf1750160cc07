"""A JSON Schema validator: {schema, instances} in, for each instance whether it is valid out."""

import json
import sys

import jsonschema

given = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(given["schema"])
validator = jsonschema.Draft202012Validator(given["schema"])
json.dump([validator.is_valid(instance) for instance in given["instances"]], sys.stdout)
