"""A limit on each uploaded file: the file is refused, and the rest of the form is still read."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class RefusedUpload(UploadedFile):
    """Stands in the form for a file over the limit; it holds no content. `kit.forms.Form` says why."""

    def close(self) -> None:
        """Nothing is open here; without this, the request's end would stop at it and leave later files open."""


class LimitedUpload(FileUploadHandler):
    """Stops keeping a file's bytes at LIENTHONG_UPLOAD_LIMIT_MIB. Comes first among the upload handlers."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0
        self.limit = settings.LIENTHONG_UPLOAD_LIMIT_MIB * 1024 * 1024

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received = start + len(raw_data)
        return raw_data if self.received <= self.limit else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if file_size <= self.limit:
            return None
        for handler in self.request.upload_handlers if self.request else ():
            kept = getattr(handler, "file", None)
            if kept is not None:
                kept.close()
        return RefusedUpload(name=self.file_name, content_type=self.content_type, size=file_size)
