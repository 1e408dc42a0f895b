"""What a card says of its bundle's data, made by hand."""

from hoovik.models.manifest import Encoders, Layouts, Manifest
from training.corpora.record import CorpusSplits, SplitsRecord
from training.extraction.report import CorpusQuality, QualityReport
from training.splits import Split

SPLITS = SplitsRecord(
    0,
    {
        "emodb": CorpusSplits(
            clips=dict.fromkeys(Split, 51), owners=dict.fromkeys(Split, 2), speakers={}
        ),
        "fer2013": CorpusSplits(
            clips=dict.fromkeys(Split, 1451), owners=dict.fromkeys(Split, 1450), rule="content"
        ),
        "ravdess": CorpusSplits(
            clips=dict.fromkeys(Split, 104), owners=dict.fromkeys(Split, 3), speakers={}
        ),
    },
)

ENCODERS_ALONE = {
    "face": {
        "landmark_error": 0.0421,
        "blendshape_correlation_mean": 0.71,
        "blendshape_correlation_median": 0.74,
        "pose_error_deg": {"pitch": 2.1, "yaw": 2.0, "roll": 0.9},
        "faces_kept": 0.991,
        "n_faces": 1100,
    },
    "audio": {"window_uar": 0.503, "n_windows": 2204, "clip_uar": 0.584, "n_clips": 312},
}


def quality() -> QualityReport:
    own = CorpusQuality(
        clips=416,
        unreadable={"ravdess:broken.wav": "no sound in it"},
        sounds=415,
        sounds_with_speech=410,
        ticks=4150,
        speech_ticks=2075,
        videos=0,
        frames=0,
        frames_with_face=0,
        stills=0,
        stills_with_face=0,
        not_finite=0,
        duplicates=(("ravdess:one.wav", "ravdess:other.wav"),),
        conflicts=(),
        by_class={"train": {"angry": 208, "happy": 208}},
    )
    return QualityReport({"ravdess": own})


def manifest(audio: str = "embedded", face: str = "embedded") -> Manifest:
    return Manifest(
        format=3,
        name="none",
        version="1.0.0+0123abcd",
        encoders=Encoders(audio=audio, face=face),
        layouts=Layouts(),
        files={},
        data={},
        seeds={},
        libraries={},
        metrics={},
    )
