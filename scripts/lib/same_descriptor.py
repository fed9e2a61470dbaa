"""Exit code 0 when generated Python code holds the same descriptor as a compiled set of files."""

import runpy
import sys
from pathlib import Path

from google.protobuf import descriptor_pb2

compiled_path, generated_path = sys.argv[1:]
(compiled,) = descriptor_pb2.FileDescriptorSet.FromString(Path(compiled_path).read_bytes()).file
generated = descriptor_pb2.FileDescriptorProto.FromString(
    runpy.run_path(generated_path)["DESCRIPTOR"].serialized_pb
)
for message in compiled.message_type:
    for field in message.field:
        # Python's generator leaves out what follows from the name.
        field.ClearField("json_name")
sys.exit(compiled != generated)
