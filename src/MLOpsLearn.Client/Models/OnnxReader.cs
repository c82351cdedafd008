namespace MLOpsLearn.Client.Models;

/// <summary>Finds inputs and outputs in ONNX's ModelProto. Field numbers are those of onnx.proto.</summary>
internal sealed class OnnxReader(Stream stream)
{
    private const int Varint = 0;
    private const int Bytes = 2;
    private const int MostValues = 10_000;
    private static readonly string[] ElementTypes =
    [
        "", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "str", "bool", "float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16",
    ];

    private readonly ProtoReader _reader = new(stream);
    private readonly List<TensorSpec> _inputs = [];
    private readonly List<TensorSpec> _outputs = [];
    private readonly HashSet<string> _weights = new(StringComparer.Ordinal);

    public OnnxModel ReadModel()
    {
        var (producer, opset, hasGraph, end) = ("", 0L, false, stream.Length);
        while (_reader.NextField(end) is var (number, wire))
        {
            switch (number, wire)
            {
                case (2, Bytes):
                    producer = _reader.Text(end);
                    break;
                case (7, Bytes):
                    ReadGraph(_reader.Length(end));
                    hasGraph = true;
                    break;
                case (8, Bytes):
                    opset = Math.Max(opset, ReadOpset(_reader.Length(end)));
                    break;
                default:
                    _reader.Skip(wire, end);
                    break;
            }
        }

        return hasGraph && _outputs.Count > 0
            ? new OnnxModel([.. _inputs.Where(input => !_weights.Contains(input.Name))], _outputs, producer, opset)
            : throw ProtoReader.Damaged("it has no graph with outputs");
    }

    private void ReadGraph(long end)
    {
        while (_reader.NextField(end) is var (number, wire))
        {
            switch (number, wire)
            {
                case (5, Bytes):
                    _weights.Add(ReadText(_reader.Length(end), 8));
                    break;
                case (11, Bytes) when _inputs.Count < MostValues:
                    _inputs.Add(ReadValue(_reader.Length(end)));
                    break;
                case (12, Bytes) when _outputs.Count < MostValues:
                    _outputs.Add(ReadValue(_reader.Length(end)));
                    break;
                default:
                    _reader.Skip(wire, end);
                    break;
            }
        }
    }

    private TensorSpec ReadValue(long end)
    {
        var value = new TensorSpec("", "", null);
        while (_reader.NextField(end) is var (number, wire))
        {
            switch (number, wire)
            {
                case (1, Bytes):
                    value = value with { Name = _reader.Text(end) };
                    break;
                case (2, Bytes):
                    var (type, shape) = ReadType(_reader.Length(end));
                    value = value with { Type = type, Shape = shape };
                    break;
                default:
                    _reader.Skip(wire, end);
                    break;
            }
        }

        return value;
    }

    private (string Type, IReadOnlyList<long>? Shape) ReadType(long end)
    {
        (string Type, IReadOnlyList<long>? Shape) found = ("", null);
        while (_reader.NextField(end) is var (number, wire))
        {
            if ((number, wire) == (1, Bytes))
            {
                found = ReadTensor(_reader.Length(end));
                continue;
            }

            found = number switch { 4 => ("sequence", null), 5 => ("map", null), _ => found };
            _reader.Skip(wire, end);
        }

        return found;
    }

    private (string Type, IReadOnlyList<long>? Shape) ReadTensor(long end)
    {
        (string Type, List<long>? Shape) found = ("", null);
        while (_reader.NextField(end) is var (number, wire))
        {
            switch (number, wire)
            {
                case (1, Varint):
                    var element = _reader.Varint();
                    found.Type = element < (ulong)ElementTypes.Length ? ElementTypes[element] : $"type {element}";
                    break;
                case (2, Bytes):
                    found.Shape = ReadShape(_reader.Length(end));
                    break;
                default:
                    _reader.Skip(wire, end);
                    break;
            }
        }

        return found;
    }

    private List<long> ReadShape(long end)
    {
        var shape = new List<long>();
        while (_reader.NextField(end) is var (number, wire))
        {
            if ((number, wire) != (1, Bytes))
            {
                _reader.Skip(wire, end);
                continue;
            }

            // A dimension without a number, or with a name, takes any size.
            shape.Add(ReadNumber(_reader.Length(end), 1) is > 0 and var size ? size : -1);
        }

        return shape;
    }

    private long ReadOpset(long end)
    {
        var (version, isStandard) = (0L, true);
        while (_reader.NextField(end) is var (number, wire))
        {
            switch (number, wire)
            {
                case (1, Bytes):
                    isStandard = _reader.Text(end) is "" or "ai.onnx";
                    break;
                case (2, Varint):
                    version = (long)_reader.Varint();
                    break;
                default:
                    _reader.Skip(wire, end);
                    break;
            }
        }

        return isStandard ? version : 0;
    }

    private long ReadNumber(long end, int field)
    {
        var found = 0L;
        while (_reader.NextField(end) is var (number, wire))
        {
            if ((number, wire) == (field, Varint))
            {
                found = (long)_reader.Varint();
            }
            else
            {
                _reader.Skip(wire, end);
            }
        }

        return found;
    }

    private string ReadText(long end, int field)
    {
        var found = "";
        while (_reader.NextField(end) is var (number, wire))
        {
            if ((number, wire) == (field, Bytes))
            {
                found = _reader.Text(end);
            }
            else
            {
                _reader.Skip(wire, end);
            }
        }

        return found;
    }
}
