"""Small DICOM series in many transfer syntaxes, and what pydicom reads from them and from the shared samples.

Values are pydicom's (decoded by gdcm where compressed), rescaled here; affines are made from positions and orientations with numpy alone.
Compressed files are made by dcmtk and gdcm. Where dcm2niix is installed, its voxels and affine are compared with them.
"""
import glob
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import tempfile

import gdcm
import golden
import nibabel as nib
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian,
                         JPEG2000Lossless)

DATA = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data" / "io" / "dicom"
random = np.random.RandomState(20261121)
MR, ENHANCED = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
ROWS, COLUMNS, SLICES = 5, 6, 4
FLIP = np.diag([-1.0, -1.0, 1.0])
counter = iter(range(1, 100000))


def uid():
    return f"1.2.826.0.1.3680043.8.498.{next(counter)}"


def oblique():
    a, b = 0.3, -0.2
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return np.round(turn @ tilt, 9)


AXES = oblique()
POSITIONS = [np.round(np.array([-90, 120.5, 33]) + k * 5.5 * AXES[:, 2], 6) for k in range(SLICES)]


def ds(v):
    return [f"{x:.10g}" for x in np.atleast_1d(v)]


def head(kind, series, instance):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = kind
    d = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    d.SOPClassUID, d.SOPInstanceUID = kind, instance
    meta.MediaStorageSOPInstanceUID = instance
    meta.ImplementationClassUID = "1.2.826.0.1.3680043.8.498"
    d.SpecificCharacterSet = "ISO_IR 100"
    d.StudyDate, d.StudyTime, d.AccessionNumber, d.ReferringPhysicianName = "20260101", "120000", "", ""
    d.Modality, d.Manufacturer, d.SeriesDescription = "MR", "Maker", "t1 größer"
    d.PatientName, d.PatientID, d.PatientBirthDate, d.PatientSex = "Name^Any", "P-1", "", "O"
    d.PatientWeight = "80"
    d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = "1.2.3", series, "1.2.3.4"
    d.StudyID, d.SeriesNumber, d.InstanceNumber = "1", "7", "1"
    d.MagneticFieldStrength = "3"
    return d


def pixels(d, values, stored=None):
    kind = values.dtype
    bits = kind.itemsize * 8
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows, d.Columns = values.shape[-2:]
    d.BitsAllocated, d.BitsStored = bits, stored or bits
    d.HighBit, d.PixelRepresentation = d.BitsStored - 1, int(kind.kind == "i")
    d.PixelData = values.tobytes()
    d["PixelData"].VR = "OW" if bits > 8 else "OB"


def voxels(dtype, shape, stored=None):
    kind = np.dtype(dtype)
    bits = stored or kind.itemsize * 8
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind.kind == "i" else (0, 2 ** bits - 1)
    values = random.randint(low, high + 1, shape, dtype="int64").astype(kind)
    values.flat[:2] = [low, high]
    return values


def classic(dtype="int16", stored=None, rescale=(), change=lambda d, k: None):
    series = uid()
    out = []
    for k in range(SLICES):
        d = head(MR, series, uid())
        d.InstanceNumber = str(k + 1)
        d.ScanningSequence, d.SequenceVariant = "GR", ["SK", "SP"]
        d.RepetitionTime, d.EchoTime, d.FlipAngle = "9.5", "2.46", "15"
        d.SliceThickness, d.SpacingBetweenSlices = "5", "5.5"
        d.PixelSpacing = ds([1.1, 0.9])
        d.ImageOrientationPatient = ds(np.concatenate([AXES[:, 0], AXES[:, 1]]))
        d.ImagePositionPatient = ds(POSITIONS[k])
        if rescale:
            d.RescaleSlope, d.RescaleIntercept = ds(rescale[k][0]), ds(rescale[k][1])
        pixels(d, voxels(dtype, (ROWS, COLUMNS), stored), stored)
        change(d, k)
        out.append(d)
    return out


def item(**values):
    d = Dataset()
    for k, v in values.items():
        setattr(d, k, v)
    return Sequence([d])


def enhanced(order, volumes=1, dtype="uint16", stored=12):
    d = head(ENHANCED, uid(), uid())
    d.EchoPulseSequence, d.Spoiling, d.EchoPlanarPulseSequence = "GRADIENT", "RF", "NO"
    shared = Dataset()
    shared.PlaneOrientationSequence = item(ImageOrientationPatient=ds(np.concatenate([AXES[:, 0], AXES[:, 1]])))
    shared.PixelMeasuresSequence = item(PixelSpacing=ds([1.1, 0.9]), SliceThickness="5", SpacingBetweenSlices="5.5")
    shared.MRTimingAndRelatedParametersSequence = item(RepetitionTime="9.5", FlipAngle="15")
    shared.MREchoSequence = item(EffectiveEchoTime=2.46)
    d.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for t in range(volumes):
        for k in order:
            frame = Dataset()
            frame.FrameContentSequence = item(TemporalPositionIndex=t + 1, StackID="1")
            frame.PlanePositionSequence = item(ImagePositionPatient=ds(POSITIONS[k]))
            frame.PixelValueTransformationSequence = item(RescaleSlope=str(0.5 * (k + 1)), RescaleIntercept=str(-k), RescaleType="US")
            frames.append(frame)
    d.PerFrameFunctionalGroupsSequence = Sequence(frames)
    d.NumberOfFrames = str(len(frames))
    pixels(d, voxels(dtype, (len(frames), ROWS, COLUMNS), stored), stored)
    return [d]


def encode(d, syntax):
    d.file_meta.TransferSyntaxUID = syntax
    d.is_little_endian, d.is_implicit_VR = syntax != ExplicitVRBigEndian, syntax == ImplicitVRLittleEndian
    if syntax == ExplicitVRBigEndian and d.BitsAllocated > 8:
        d.PixelData = np.frombuffer(d.PixelData, f"<u{d.BitsAllocated // 8}").astype(f">u{d.BitsAllocated // 8}").tobytes()
    out = io.BytesIO()
    pydicom.dcmwrite(out, d, write_like_original=False)
    return out.getvalue()


def through(content, command):
    with tempfile.TemporaryDirectory() as folder:
        a, b = os.path.join(folder, "a.dcm"), os.path.join(folder, "b.dcm")
        pathlib.Path(a).write_bytes(content)
        subprocess.run([*command, a, b], check=True, capture_output=True)
        return pathlib.Path(b).read_bytes()


def jpeg_2000(content):
    """Frames compressed by OpenJPEG, by way of Pillow."""
    d = pydicom.dcmread(io.BytesIO(content))
    frames = []
    for array in d.pixel_array.reshape(-1, d.Rows, d.Columns):
        out = io.BytesIO()
        # Few resolutions: so small an image can't be halved five times.
        Image.fromarray(array).save(out, "JPEG2000", irreversible=False, no_jp2=True, num_resolutions=2)
        frames.append(out.getvalue())
    d.PixelData = encapsulate([f + b"\0" * (len(f) % 2) for f in frames])
    d["PixelData"].is_undefined_length = True
    d["PixelData"].VR = "OB"
    return encode(d, JPEG2000Lossless)


def plane(d, k):
    """Position, axes with spacing, slope and intercept of a frame, by pydicom."""
    if "PerFrameFunctionalGroupsSequence" not in d:
        slope, intercept = float(d.get("RescaleSlope", 1)), float(d.get("RescaleIntercept", 0))
        return d.ImagePositionPatient, d.ImageOrientationPatient, d.PixelSpacing, slope, intercept, float(d.SliceThickness)
    own, shared = d.PerFrameFunctionalGroupsSequence[k], d.SharedFunctionalGroupsSequence[0]
    value = own.PixelValueTransformationSequence[0]
    measures = shared.PixelMeasuresSequence[0]
    return (own.PlanePositionSequence[0].ImagePositionPatient, shared.PlaneOrientationSequence[0].ImageOrientationPatient,
            measures.PixelSpacing, float(value.RescaleSlope), float(value.RescaleIntercept), float(measures.SliceThickness))


def read(contents, volume=None, volumes=1):
    """Values [k, j, i] and affine, from the bytes of a series."""
    frames = []
    for content in contents:
        d = pydicom.dcmread(io.BytesIO(content))
        array = d.pixel_array.reshape(-1, d.Rows, d.Columns)
        for k, data in enumerate(array):
            position, orientation, spacing, slope, intercept, thickness = plane(d, k)
            row, column = np.array(orientation[:3], float), np.array(orientation[3:], float)
            place = np.array(position, float)
            frames.append((np.cross(row, column) @ place, len(frames), place, row * float(spacing[1]), column * float(spacing[0]),
                           data.astype("float64") * slope + intercept, np.cross(row, column) * thickness))
    frames.sort(key=lambda f: (round(f[0], 3), f[1]))
    frames = frames[volume or 0 :: volumes]
    step = (frames[-1][2] - frames[0][2]) / (len(frames) - 1) if len(frames) > 1 else frames[0][6]
    matrix = np.eye(4)
    matrix[:3] = FLIP @ np.column_stack([frames[0][3], frames[0][4], step, frames[0][2]])
    return np.stack([f[5] for f in frames]), matrix


def compare_with_dcm2niix(contents, values, matrix, name):
    if not shutil.which("dcm2niix"):
        return
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/in")
        os.mkdir(folder + "/out")
        for n, content in enumerate(contents):
            pathlib.Path(f"{folder}/in/{n}.dcm").write_bytes(content)
        subprocess.run(["dcm2niix", "-o", folder + "/out", folder + "/in"], check=False, capture_output=True)
        made = glob.glob(folder + "/out/*.nii")
        if len(made) != 1:
            print(name, "dcm2niix made", len(made), "files")
            return
        image = nib.load(made[0])
        other = np.asarray(image.dataobj).astype("float64")
        if other.ndim != 3:
            return print(name, "dcm2niix made", other.shape)
        # Each of its voxels, at the place where it puts it.
        place = np.linalg.inv(matrix) @ image.affine
        ijk = np.stack(np.meshgrid(*map(np.arange, other.shape), indexing="ij"), -1) @ place[:3, :3].T + place[:3, 3]
        at = np.rint(ijk).astype(int)
        ok = np.abs(ijk - at).max() < 0.02 and np.allclose(other, values[at[..., 2], at[..., 1], at[..., 0]], rtol=1e-5, atol=1e-2)
        print(name, "equals dcm2niix" if ok else f"DIFFERS from dcm2niix: {np.abs(ijk - at).max()}")


series = []


def add(name, contents, volume=None, volumes=1, truth=None):
    """`truth` is the same series in files that pydicom reads right."""
    values, matrix = read(truth or contents, volume, volumes)
    if volumes == 1:
        compare_with_dcm2niix(contents, values, matrix, name)
    order = random.permutation(len(contents))
    series.append({"name": name, "files": [golden.array(np.frombuffer(contents[n], np.uint8), "uint8") for n in order],
                   **({"volumeIndex": volume} if volume is not None else {}), "shape": list(values.shape[::-1]),
                   "affine": golden.array(matrix, "float64"), "values": golden.array(values)})


def plain(objects, syntax=ExplicitVRLittleEndian):
    return [encode(d, syntax) for d in objects]


SYNTAXES = {"implicit": ImplicitVRLittleEndian, "explicit": ExplicitVRLittleEndian, "big-endian": ExplicitVRBigEndian,
            "deflated": DeflatedExplicitVRLittleEndian}
for name, syntax in SYNTAXES.items():
    add(f"int16 {name}", plain(classic("int16"), syntax))
    add(f"uint8 {name}", plain(classic("uint8"), syntax))
    add(f"uint16, 12 bits, enhanced, {name}", plain(enhanced([2, 0, 3, 1]), syntax))
# Bytes in words, which dcmtk turns round and this pydicom does not.
words = classic("uint8")
for d in words:
    d["PixelData"].VR = "OW"
words = plain(words)
add("uint8 in words, big-endian", [through(c, ["dcmconv", "+tb"]) for c in words], truth=words)
add("int32", plain(classic("int32")))
add("uint32", plain(classic("uint32")))
add("int16, 12 bits", plain(classic("int16", 12)))
add("rescaled, each slice by its own", plain(classic("uint16", rescale=[(0.37, -4), (2, 100), (1, 0), (-1.5, 7)])))
for volume in (0, 1):
    add(f"enhanced, volume {volume} of 2", plain(enhanced([3, 1, 0, 2], 2)), volume, 2)

LOSSLESS = {"RLE": lambda c: through(c, ["dcmcrle"]), "JPEG lossless SV1": lambda c: through(c, ["dcmcjpeg", "+e1"]),
            "JPEG lossless, process 14": lambda c: through(c, ["dcmcjpeg", "+el", "+sv", "6"]),
            "JPEG-LS": lambda c: through(c, ["dcmcjpls"]),
            "JPEG 2000": jpeg_2000}
for name, change in LOSSLESS.items():
    for what, objects in {"int16": classic("int16"), "uint16": classic("uint16"), "uint8": classic("uint8"),
                          "uint16, 12 bits": classic("uint16", 12), "enhanced": enhanced([2, 0, 3, 1])}.items():
        # Pillow has no signed pixels; a shared sample has.
        if (what, name) != ("int16", "JPEG 2000"):
            add(f"{what}, {name}", [change(c) for c in plain(objects)])


def contrast(d, k):
    d.ContrastBolusAgent, d.ContrastBolusVolume, d.ContrastBolusTotalDose = "GADOVIST 1.0", "20", "8"
    d.ContrastBolusIngredient, d.ContrastBolusIngredientConcentration = "GADOLINIUM", "604.72"


add("contrast", plain(classic(change=contrast)))


# The shared samples.
samples = []
for path in [*sorted(DATA.glob("*.dcm")), *sorted(DATA.glob("mr_small/*.dcm"))]:
    d = pydicom.dcmread(path)
    if d.Modality != "MR" or "truncated" in path.name:
        continue
    values, matrix = read([path.read_bytes()])
    samples.append({"files": [str(path.relative_to(DATA))], "affine": golden.array(matrix, "float64"), "shape": list(values.shape[::-1]),
                    "sha256": hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()})
brain = sorted(DATA.glob("series/*.dcm"))
values, matrix = read([p.read_bytes() for p in brain])
compare_with_dcm2niix([p.read_bytes() for p in brain], values, matrix, "series")
samples.append({"files": [str(p.relative_to(DATA)) for p in brain], "affine": golden.array(matrix, "float64"), "shape": list(values.shape[::-1]),
                "sha256": hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()})
# Files that are no MR images, or do not say where they lie: their pixels alone.
stored = []
for name in ["deflated.dcm", "rle.dcm", "jpeg_2000.dcm", *(f"enhanced/{p.name}" for p in sorted(DATA.glob("enhanced/*.dcm")))]:
    d = pydicom.dcmread(DATA / name)
    # gdcm's own pixels; the reader here gives them before they are rescaled.
    array = d.pixel_array.reshape(-1, d.Rows, d.Columns).astype("<i4")
    stored.append({"name": name, "frames": len(array), "sums": golden.array([a.sum() for a in array], "float64"),
                   "sha256": [hashlib.sha256(a.tobytes()).hexdigest() for a in array]})
golden.write("io/dicom", "pydicom, gdcm, dcmtk, dcm2niix", f"{pydicom.__version__}, {gdcm.Version.GetVersion()}, 3.6.7, 1.0.20220720",
             {"series": series, "samples": samples, "stored": stored})
